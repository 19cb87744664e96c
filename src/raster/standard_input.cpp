#include "raster/standard_input.hpp"

#include <cpl_conv.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>

#include "spectile/error.hpp"

namespace spectile {
namespace {

constexpr const char* kStandardInput = "/vsistdin";

std::string temporary_folder() {
    for (const char* name : {"CPL_TMPDIR", "TMPDIR"})
        if (const char* folder = CPLGetConfigOption(name, nullptr); folder && *folder) return folder;
    return "/tmp";
}

[[noreturn]] void refuse(const std::string& path) {
    throw Error(Code::write, path + ": standard input cannot be copied there: " + std::strerror(errno) +
                                 "; name another folder with TMPDIR");
}

/// A folder of its own, so that no other process's file is read by mistake; removed at the end.
class OwnFolder {
public:
    OwnFolder() : path_(temporary_folder() + "/spectile-stdin-XXXXXX") {
        if (!::mkdtemp(path_.data())) refuse(path_);
    }
    ~OwnFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    OwnFolder(const OwnFolder&) = delete;
    OwnFolder& operator=(const OwnFolder&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::unique_ptr<OwnFolder> copied_input(const char* name) {
    if (::isatty(STDIN_FILENO))
        throw Error(Code::missing, "/vsistdin/: nothing is piped in; write ... | spectile, or < FILE");
    auto folder = std::make_unique<OwnFolder>();
    const std::string path = folder->path() + "/" + name;
    std::ofstream file(path, std::ios::binary);
    std::array<char, 1 << 16> buffer;
    ssize_t got = 0;
    while ((got = ::read(STDIN_FILENO, buffer.data(), buffer.size())) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error(Code::read, std::string("/vsistdin/: ") + std::strerror(errno));
        if (!file.write(buffer.data(), got)) refuse(path);
    }
    const bool empty = file.tellp() == 0;
    file.close();
    if (!file) refuse(path);
    if (empty) throw Error(Code::missing, "/vsistdin/: standard input is empty");
    return folder;
}

}  // namespace

std::string name_to_open(const std::string& name) {
    if (!name.starts_with(kStandardInput)) return name;
    static std::mutex mutex;
    static std::unique_ptr<OwnFolder> folder;
    const std::lock_guard lock(mutex);
    constexpr const char* kName = "stdin";
    if (!folder) folder = copied_input(kName);
    return folder->path() + "/" + kName;
}

}  // namespace spectile
