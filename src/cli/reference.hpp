#pragma once

#include <span>
#include <string>

#include "spectile/error.hpp"

namespace CLI {
class App;
}

namespace spectile::cli {

/// A way for the program to end, besides 0.
struct ExitCode {
    Code code;
    const char* meaning;
};
std::span<const ExitCode> exit_codes();

/// docs/reference.md: every verb with its arguments and options, and the exit codes, as Markdown.
std::string reference_text(const CLI::App& app);

}  // namespace spectile::cli
