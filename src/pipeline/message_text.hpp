#pragma once

#include <string>

namespace spectile::definition {

/// The text with control characters as blanks: messages are one line, whatever a definition holds.
std::string on_one_line(std::string text);

}  // namespace spectile::definition
