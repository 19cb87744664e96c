#pragma once

#include <string>

namespace CLI {
class App;
}

namespace spectile::cli {

/// The manual page of the program (empty `verb`) or of one verb, in roff's man macros.
/// Throws Error{Code::usage} for what is no verb.
std::string man_page(const CLI::App& app, const std::string& verb);

}  // namespace spectile::cli
