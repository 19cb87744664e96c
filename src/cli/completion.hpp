#pragma once

#include <string>

namespace CLI {
class App;
}

namespace spectile::cli {

/// A script that teaches a shell (bash, zsh or fish) the verbs, options and words of this program.
/// Throws Error{Code::usage} for another shell.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace spectile::cli
