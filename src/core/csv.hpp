#pragma once

#include <string>
#include <vector>

// Tables as RFC 4180 has them.

namespace spectile {

/// Rows of fields: commas, quotes doubled inside quotes, CRLF or LF. Empty lines are left out. A quote that
/// is not closed ends with the text; `open_quote` then says so.
std::vector<std::vector<std::string>> csv_rows(const std::string& text, bool* open_quote = nullptr);

/// One row with its line end. Fields are quoted where they must be; line ends in them become spaces, since
/// simpler readers would end the row there.
std::string csv_row(const std::vector<std::string>& fields);

}  // namespace spectile
