#pragma once

#include <stdexcept>
#include <string>

namespace spectile {

/// What kind of thing went wrong. One table (`exit_code`) maps it to the process's exit status.
enum class Code {
    usage,         ///< 64: the command line cannot be understood
    scene,         ///< 65: input data that cannot be used (also: truncated files, types refused)
    missing,       ///< 66: an input that is not there
    device,        ///< 69: device or instruction level unavailable
    internal,      ///< 70: a fault of ours
    memory,        ///< 71: does not fit (memory, scratch, time)
    publish,       ///< 73: output cannot be created, or exists with another recipe
    read,          ///< 74: I/O error while reading
    write,         ///< 74: I/O error while writing
    interrupted,   ///< 75: interrupted or incomplete; run the same command again
    verification,  ///< 76: checksum, verification or self-test failed
    permission,    ///< 77: not allowed by the file system
    definition,    ///< 78: bad pipeline or training definition
    model,         ///< 78: bad model card or weights
    marked,        ///< 79: published, with failed tiles marked
};

/// Exit status after sysexits.h, as docs/reference.md lists it.
int exit_code(Code code) noexcept;

/// The one exception type.
///
/// `what()` is one line that names the file, the key or the window, and says what to do.
/// `detail()` is what a library said in its own words; shown with --verbose.
class Error : public std::runtime_error {
public:
    Error(Code code, const std::string& message, std::string detail = {})
        : std::runtime_error(message), code_(code), detail_(std::move(detail)) {}

    Code code() const noexcept { return code_; }
    const std::string& detail() const noexcept { return detail_; }

private:
    Code code_;
    std::string detail_;
};

}  // namespace spectile
