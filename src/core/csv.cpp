#include "core/csv.hpp"

#include <algorithm>

namespace spectile {

std::vector<std::vector<std::string>> csv_rows(const std::string& text, bool* open_quote) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row(1);
    bool quoted = false;
    const auto end_row = [&] {
        if (row.size() > 1 || !row.front().empty()) rows.push_back(row);
        row.assign(1, {});
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
            row.back() += '"';
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            row.emplace_back();
        } else if (c == '\n' && !quoted) {
            end_row();
        } else if (c != '\r' || quoted) {
            row.back() += c;
        }
    }
    if (open_quote) *open_quote = quoted;
    end_row();
    return rows;
}

std::string csv_row(const std::vector<std::string>& fields) {
    std::string row;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        std::string field = fields[i];
        std::replace(field.begin(), field.end(), '\n', ' ');
        if (i > 0) row += ',';
        if (field.find_first_of(",\"\r") == std::string::npos) {
            row += field;
            continue;
        }
        row += '"';
        for (const char c : field) row += c == '"' ? std::string("\"\"") : std::string(1, c);
        row += '"';
    }
    return row + '\n';
}

}  // namespace spectile
