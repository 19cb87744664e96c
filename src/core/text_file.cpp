#include "core/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "spectile/error.hpp"

namespace spectile {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    const int number = errno;
    const auto code = number == EACCES || number == EPERM || number == EROFS ? Code::permission : Code::write;
    throw Error(code, path + ": " + what + ": " + std::strerror(number));
}

}  // namespace

void write_text_file(const std::string& path, const std::string& text) {
    const std::string partial = path + ".partial-" + std::to_string(::getpid());
    const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) fail(path, "cannot be created");
    std::size_t done = 0;
    while (done < text.size()) {
        const auto wrote = ::write(file, text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) break;
        done += static_cast<std::size_t>(wrote);
    }
    const bool good = done == text.size() && ::fsync(file) == 0;
    const int number = errno;
    ::close(file);
    if (!good || ::rename(partial.c_str(), path.c_str()) != 0) {
        if (!good) errno = number;
        const int kept = errno;
        ::unlink(partial.c_str());
        errno = kept;
        fail(path, "cannot be written");
    }
    auto folder = std::filesystem::path(path).parent_path().string();
    if (folder.empty()) folder = ".";
    if (const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
        ::fsync(handle);
        ::close(handle);
    }
}

std::string read_text_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw Error(std::filesystem::exists(path) ? Code::permission : Code::missing,
                    path + ": cannot be opened: " + std::strerror(errno));
    std::ostringstream text;
    text << in.rdbuf();
    if (in.bad()) throw Error(Code::read, path + ": cannot be read");
    return text.str();
}

}  // namespace spectile
