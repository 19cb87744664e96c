#pragma once

#include <string>

#include "pipeline/value.hpp"

namespace spectile::definition {

/// Files longer than this are refused before they are read.
inline constexpr std::size_t kLargestFile = std::size_t{16} << 20;

/// The text of a regular file of at most 16 MiB. Throws Error{Code::missing}, Error{Code::permission},
/// Error{Code::read}, or Error{code} where it is too large or no file.
std::string read_text(const std::string& file, Code code);

/// Throws Error{code} naming `name` and the line unless `text` is UTF-8 without control characters.
void require_plain_text(const std::string& text, const std::string& name, Code code);

/// The tree of one YAML document. `name` stands in messages ("my.yaml").
///
/// Refused with Error{code} and line: bad syntax, duplicate keys, keys that are not text, more than one
/// document, nesting deeper than 64, more than a million nodes after aliases are expanded, tags other than
/// YAML's own.
Value parse_yaml(const std::string& text, const std::string& name, Code code);

}  // namespace spectile::definition
