#include "pipeline/value.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "pipeline/message_text.hpp"

namespace spectile::definition {

const Value* Value::find(std::string_view key) const {
    for (const auto& entry : entries)
        if (entry.key == key) return entry.value.is_null() ? nullptr : &entry.value;
    return nullptr;
}

Value& Value::at_or_new(const std::string& key) {
    for (auto& entry : entries)
        if (entry.key == key) return entry.value;
    entries.push_back({key, line, {}});
    return entries.back().value;
}

Mark Document::mark(const Value& value) const {
    if (value.source > 0) return {"--set " + settings.at(static_cast<std::size_t>(value.source) - 1), 0};
    return {file, value.line};
}

std::string Document::where(const Value& value) const {
    const Mark m = mark(value);
    if (m.file.empty()) return "command line";
    return m.line > 0 ? m.file + ":" + std::to_string(m.line) : m.file;
}

void Document::fail(const Value& value, const std::string& message) const {
    throw Error(code, on_one_line(where(value) + ": " + message));
}

Value scalar(std::string text, const Value& like) {
    Value made;
    made.kind = Value::Kind::scalar;
    made.text = std::move(text);
    made.line = like.line;
    made.source = like.source;
    return made;
}

std::optional<std::int64_t> whole_of(const Value& value) {
    if (!value.is_scalar() || value.quoted) return std::nullopt;
    std::string_view text = value.text;
    if (text.starts_with('+')) text.remove_prefix(1);
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    if (text.empty() || text.starts_with('+') || (hex && text.starts_with('-'))) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<double> number_of(const Value& value) {
    if (const auto whole = whole_of(value)) return static_cast<double>(*whole);
    if (!value.is_scalar() || value.quoted) return std::nullopt;
    std::string_view text = value.text;
    if (text == "nan" || text == ".nan" || text == ".NaN" || text == ".NAN")
        return std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    if (text == ".inf" || text == "+.inf" || text == ".Inf") return infinity;
    if (text == "-.inf" || text == "-.Inf") return -infinity;
    if (text.starts_with('+')) text.remove_prefix(1);
    // from_chars also takes words ("inf", "nan(...)"), which are names here.
    if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
    if (text.empty() || text.starts_with('+')) return std::nullopt;
    double number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<bool> boolean_of(const Value& value) {
    if (!value.is_scalar() || value.quoted) return std::nullopt;
    const auto& t = value.text;
    if (t == "true" || t == "True" || t == "TRUE") return true;
    if (t == "false" || t == "False" || t == "FALSE") return false;
    return std::nullopt;
}

nlohmann::json json_of(const Value& value) {
    using nlohmann::json;
    if (value.is_null()) return nullptr;
    if (value.is_list()) {
        json list = json::array();
        for (const auto& item : value.items) list.push_back(json_of(item));
        return list;
    }
    if (value.is_map()) {
        json map = json::object();
        for (const auto& entry : value.entries) map[entry.key] = json_of(entry.value);
        return map;
    }
    if (const auto flag = boolean_of(value)) return *flag;
    if (const auto whole = whole_of(value)) return *whole;
    if (const auto number = number_of(value); number && std::isfinite(*number)) return *number;
    return value.text;
}

std::string shown(const Value& value) {
    switch (value.kind) {
        case Value::Kind::null:
            return "nothing";
        case Value::Kind::list:
            return "a list";
        case Value::Kind::map:
            return "a map";
        case Value::Kind::scalar:
            break;
    }
    constexpr std::size_t kLongest = 60;
    if (value.text.size() <= kLongest) return on_one_line("'" + value.text + "'");
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(value.text[end]) & 0xC0) == 0x80)
        --end;  // whole characters
    return on_one_line("'" + value.text.substr(0, end) + "...'");
}

}  // namespace spectile::definition
