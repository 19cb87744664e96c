#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "spectile/error.hpp"
#include "weights/safetensors.hpp"

namespace spectile::weights {
namespace {

constexpr std::size_t kAlignment = 8;  // Data start on 8 bytes, as the format's own writer does.

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw Error(errno == EACCES || errno == EPERM ? Code::permission : Code::write, path + ": " + what,
                std::strerror(errno));
}

/// A file descriptor that is closed, and its file removed, unless `commit` was reached.
class PartialFile {
public:
    explicit PartialFile(const std::string& target)
        : target_(target), path_(target + ".partial-" + std::to_string(::getpid())) {
        descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (descriptor_ < 0) fail(target_, "cannot be created");
    }
    ~PartialFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
        if (!done_) ::unlink(path_.c_str());
    }
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    void write(const std::vector<std::byte>& bytes) {
        for (std::size_t at = 0; at < bytes.size();) {
            const auto wrote = ::write(descriptor_, bytes.data() + at, bytes.size() - at);
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote <= 0) fail(target_, "cannot be written");
            at += static_cast<std::size_t>(wrote);
        }
    }

    void commit() {
        if (::fsync(descriptor_) != 0) fail(target_, "cannot be written to disk");
        const int closing = descriptor_;
        descriptor_ = -1;
        if (::close(closing) != 0) fail(target_, "cannot be closed");
        if (::rename(path_.c_str(), target_.c_str()) != 0) fail(target_, "cannot be renamed into place");
        done_ = true;
        sync_folder();
    }

private:
    void sync_folder() const {
        const auto folder = std::filesystem::absolute(target_).parent_path();
        const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (opened < 0)
            return;  // A folder that may be searched but not read; the rename itself has succeeded.
        ::fsync(opened);
        ::close(opened);
    }

    std::string target_, path_;
    int descriptor_ = -1;
    bool done_ = false;
};

}  // namespace

std::vector<std::byte> encode_safetensors(const std::map<std::string, TensorView>& tensors,
                                          const std::map<std::string, std::string>& metadata) {
    nlohmann::json header = nlohmann::json::object();  // Sorted by key, so the bytes follow from the content.
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::size_t offset = 0;
    for (const auto& [key, view] : tensors) {
        std::size_t bytes = size_of(view.dtype);
        for (const auto side : view.shape) bytes *= static_cast<std::size_t>(side);
        if (bytes != view.data.size())
            throw Error(Code::internal, "tensor " + key + ": size does not fit its shape");
        header[key] = {{"dtype", name_of(view.dtype)},
                       {"shape", view.shape},
                       {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text = header.dump();
    text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
    std::vector<std::byte> out(sizeof(std::uint64_t) + text.size() + offset);
    const std::uint64_t length = text.size();
    std::memcpy(out.data(), &length, sizeof length);
    std::memcpy(out.data() + sizeof length, text.data(), text.size());
    auto* at = out.data() + sizeof length + text.size();
    for (const auto& [key, view] : tensors) {
        if (!view.data.empty()) std::memcpy(at, view.data.data(), view.data.size());
        at += view.data.size();
    }
    return out;
}

void write_safetensors(const std::string& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata) {
    const auto bytes = encode_safetensors(tensors, metadata);
    PartialFile file(path);
    file.write(bytes);
    file.commit();
}

}  // namespace spectile::weights
