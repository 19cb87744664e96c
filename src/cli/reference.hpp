#pragma once

#include <string>

namespace CLI {
class App;
}

namespace spectile::cli {

/// docs/reference.md: every verb with its arguments and options, and the exit codes, as Markdown.
std::string reference_text(const CLI::App& app);

}  // namespace spectile::cli
