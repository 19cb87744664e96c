#pragma once

#include <string>

namespace spectile {

/// Writes a small file whole: temporary name, fsync, rename, fsync of the folder.
/// Throws Error{Code::write} or Error{Code::permission} naming the path.
void write_text_file(const std::string& path, const std::string& text);

/// Throws Error{Code::missing} or Error{Code::read}.
std::string read_text_file(const std::string& path);

}  // namespace spectile
