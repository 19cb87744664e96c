#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "spectile/error.hpp"
#include "spectile/run.hpp"

namespace spectile::cli {

/// What the user sees. Results go to standard output, everything else to standard error.
/// With `json` standard output carries exactly one JSON document, an error's too. One thread at a time.
class Console {
public:
    bool json = false;
    bool quiet = false;    ///< Only errors on standard error.
    bool verbose = false;  ///< Details, what a library said, every warning.

    /// A result for people; nothing with `json`.
    void print(const std::string& text) const;
    /// The document of `--json`; nothing without it.
    void print_json(const nlohmann::ordered_json& document) const;
    /// One line on standard error unless `quiet`.
    void note(const std::string& line);
    /// One line on standard error with `verbose`.
    void detail(const std::string& line);
    /// `spectile: ...` on standard error, whatever is asked for.
    void fault(const std::string& message);
    /// The same for an error, what the library said with `verbose`, and the document of `--json`.
    void error(const Error& error);
    /// A bar on a terminal, a line now and then elsewhere.
    void progress(const Progress& progress);

private:
    void clear_bar();

    std::string stage_;
    std::chrono::steady_clock::time_point last_line_{};
    bool bar_shown_ = false;
};

/// "tiles  45 %  900 of 2000  12.3 Mpx/s  0:12 left"
std::string progress_line(const Progress& progress);

}  // namespace spectile::cli
