#include "weights/partial_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "spectile/error.hpp"

namespace spectile::weights {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw Error(errno == EACCES || errno == EPERM ? Code::permission : Code::write, path + ": " + what,
                std::strerror(errno));
}

}  // namespace

PartialFile::PartialFile(const std::string& target)
    : target_(target),
      path_(target + ".partial-" + std::to_string(::getpid())),
      descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0) fail(target_, "cannot be created");
}

PartialFile::~PartialFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!done_) ::unlink(path_.c_str());
}

void PartialFile::write(std::span<const std::byte> bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const auto wrote = ::write(descriptor_, bytes.data() + at, bytes.size() - at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) fail(target_, "cannot be written");
        at += static_cast<std::size_t>(wrote);
    }
}

void PartialFile::commit() {
    if (::fsync(descriptor_) != 0) fail(target_, "cannot be written to disk");
    const int closing = descriptor_;
    descriptor_ = -1;
    if (::close(closing) != 0) fail(target_, "cannot be closed");
    if (::rename(path_.c_str(), target_.c_str()) != 0) fail(target_, "cannot be renamed into place");
    done_ = true;
    sync_folder();
}

void PartialFile::sync_folder() const {
    const auto folder = std::filesystem::absolute(target_).parent_path();
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return;  // A folder that may be searched but not read; the rename itself has succeeded.
    ::fsync(opened);
    ::close(opened);
}

}  // namespace spectile::weights
