#include "raster/positional_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "raster/byte_count.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

[[noreturn]] void throw_open_error(const std::string& path, int error) {
    const Code code = error == ENOENT ? Code::missing : error == EACCES ? Code::permission : Code::read;
    throw Error(code, path + ": cannot be opened: " + std::strerror(error));
}

[[noreturn]] void throw_read_error(const std::string& path, const PositionalFile::Purpose& purpose,
                                   const char* reason) {
    const std::string which = purpose.band < 0 ? "bands" : "band " + std::to_string(purpose.band + 1);
    throw Error(Code::read,
                path + ": " + which + " cannot be read in window " + to_string(purpose.window) +
                    "; check the file and the disk, then run the same command to resume",
                reason);
}

}  // namespace

PositionalFile::PositionalFile(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) throw_open_error(path_, errno);
}

PositionalFile::~PositionalFile() { ::close(file_); }

const unsigned char* PositionalFile::fetch(std::int64_t offset, std::int64_t bytes, const Purpose& purpose) {
    buffer_.resize(std::max(buffer_.size(), static_cast<std::size_t>(bytes)));
    std::int64_t done = 0;
    while (done < bytes) {
        const ssize_t got =
            ::pread(file_, buffer_.data() + done, static_cast<std::size_t>(bytes - done), offset + done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_read_error(path_, purpose, std::strerror(errno));
        if (got == 0) throw_read_error(path_, purpose, "the file has become shorter than its header says");
        done += got;
    }
    raw_bytes_read().fetch_add(static_cast<std::uint64_t>(done), std::memory_order_relaxed);
    return buffer_.data();
}

}  // namespace spectile
