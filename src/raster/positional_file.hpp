#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spectile/window.hpp"

namespace spectile {

/// A local file read by positional reads into a buffer of its own. Belongs to one thread at a time.
class PositionalFile {
public:
    /// Throws Error{Code::missing}, {permission} or {read} at once if the file cannot be opened.
    explicit PositionalFile(std::string path);
    ~PositionalFile();
    PositionalFile(const PositionalFile&) = delete;
    PositionalFile& operator=(const PositionalFile&) = delete;

    /// Bytes to ask for in one call where the layout leaves a choice: large enough for a disk, small beside a
    /// tile.
    static constexpr std::int64_t kUsualBytes = std::int64_t{1} << 20;

    /// What is being read, for messages: band from 0, -1 for several.
    struct Purpose {
        const Window& window;
        int band = -1;
    };
    /// `bytes` from `offset` of the file, until the next call.
    /// Throws Error{Code::read} naming file, band and window.
    const unsigned char* fetch(std::int64_t offset, std::int64_t bytes, const Purpose& purpose);

private:
    std::string path_;
    int file_ = -1;
    std::vector<unsigned char> buffer_;
};

}  // namespace spectile
