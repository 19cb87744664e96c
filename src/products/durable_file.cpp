#include "products/durable_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "spectile/error.hpp"

namespace spectile::products {
namespace {

void sync_path(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0)
        throw Error(Code::write, path + ": cannot be opened to force it to disk: " + std::strerror(errno));
    const int result = ::fsync(descriptor);
    const int reason = errno;
    ::close(descriptor);
    // Some network file systems refuse fsync on folders (EINVAL); the rename is then as durable as they make
    // it.
    if (result != 0 && reason != EINVAL)
        throw Error(Code::write, path + ": cannot be forced to disk: " + std::strerror(reason));
}

constexpr std::uintmax_t kFullBelowBytes = 1 << 20;

}  // namespace

void sync_file(const std::string& path) { sync_path(path, O_RDONLY); }
void sync_folder(const std::string& path) { sync_path(path, O_RDONLY | O_DIRECTORY); }

std::string folder_of(const std::string& path) {
    const auto parent = std::filesystem::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

std::string temporary_name(const std::string& path) {
    static std::atomic<unsigned> count{0};
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    return path + ".partial-" + host + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

void throw_write_error(const std::string& path, const std::string& what, const std::string& detail) {
    const std::string folder = folder_of(path);
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored))
        throw Error(Code::write, path + ": cannot be written: the folder " + folder + " is gone", detail);
    if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0 &&
        (errno == EACCES || errno == EROFS))
        throw Error(Code::permission, path + ": cannot be written: no permission to write in " + folder,
                    detail);
    const auto space = std::filesystem::space(folder, ignored);
    if (!ignored && space.available < kFullBelowBytes)
        throw Error(
            Code::write,
            path + ": cannot be written: the disk is full; free space, then run the same command again",
            detail);
    throw Error(Code::write, path + ": " + what, detail);
}

}  // namespace spectile::products
