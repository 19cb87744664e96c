#include "products/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <set>
#include <vector>

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

/// Process numbers mean something only on one host and within one container.
std::string mark_of_this_place() {
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    struct stat space {};
    ::stat("/proc/self/ns/pid", &space);
    return ".partial-" + std::string(host) + "-" + std::to_string(space.st_ino) + "-";
}

constexpr std::uintmax_t kFullBelowBytes = 1 << 20;

}  // namespace

void sync_file(const std::string& path) { sync_path(path, O_RDONLY); }
void sync_folder(const std::string& path) { sync_path(path, O_RDONLY | O_DIRECTORY); }

std::vector<std::string> files_of_product(const std::string& path) {
    if (!std::filesystem::is_directory(path)) return {path};
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
        if (entry.is_regular_file()) files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

std::string folder_of(const std::string& path) {
    const auto parent = std::filesystem::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

std::string temporary_name(const std::string& path) {
    static std::atomic<unsigned> count{0};
    return path + mark_of_this_place() + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

void remove_leftovers(const std::string& folder) {
    const std::string mark = mark_of_this_place();
    std::error_code ignored;
    std::vector<std::filesystem::path> dead;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        const auto at = name.rfind(mark);
        if (at == std::string::npos) continue;
        const long process = std::strtol(name.c_str() + at + mark.size(), nullptr, 10);
        if (process > 0 && ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH)
            dead.push_back(entry.path());
    }
    for (const auto& path : dead) std::filesystem::remove_all(path, ignored);
}

void remove_leftovers_once(const std::string& folder) {
    static std::mutex mutex;
    static std::set<std::string> tidied;
    const std::lock_guard lock(mutex);
    if (tidied.insert(std::filesystem::absolute(folder).lexically_normal().string()).second)
        remove_leftovers(folder);
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
