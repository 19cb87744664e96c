#include "pipeline/write_yaml.hpp"

#include <algorithm>

#include "pipeline/value.hpp"

namespace spectile::definition {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kColumns = 100;

/// Whether text may stand without quotes: plain words that are neither numbers nor YAML's own.
bool is_plain(const std::string& text) {
    constexpr std::string_view kInside =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+() ";
    if (text.empty() || text.size() > 200 || text.front() == ' ' || text.back() == ' ') return false;
    const char first = text.front();
    if (!(first >= 'a' && first <= 'z') && !(first >= 'A' && first <= 'Z') && first != '/') return false;
    if (text.find_first_not_of(kInside) != std::string::npos) return false;
    static constexpr const char* kWords[] = {"true", "false", "null", "yes", "no",
                                             "on",   "off",   "nan",  "y",   "n"};
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::find(std::begin(kWords), std::end(kWords), lower) == std::end(kWords);
}

std::string scalar_text(const Json& value) {
    if (value.is_string() && is_plain(value.get_ref<const std::string&>())) return value.get<std::string>();
    return value.dump();
}

bool is_flat(const Json& value) {
    if (!value.is_structured()) return true;
    return value.is_array() &&
           std::all_of(value.begin(), value.end(), [](const Json& v) { return is_flat(v); });
}

std::string flow_text(const Json& value) {
    if (!value.is_structured()) return scalar_text(value);
    std::string text;
    const bool map = value.is_object();
    for (const auto& [key, item] : value.items())
        text += (text.empty() ? "" : ", ") + (map ? scalar_text(Json(key)) + ": " : std::string()) +
                flow_text(item);
    return (map ? "{" : "[") + text + (map ? "}" : "]");
}

void write_list(std::string& out, const Json& list, std::size_t indent);

void write_map(std::string& out, const Json& map, std::size_t indent) {
    for (const auto& [key, value] : map.items()) {
        std::string head(indent, ' ');
        head += scalar_text(Json(key)) + ":";
        const std::string flow = value.is_structured() && value.size() > 8 ? std::string() : flow_text(value);
        if (!flow.empty() && (head.size() + flow.size() < kColumns || !value.is_structured())) {
            out += head + " " + flow + "\n";
        } else if (value.is_object()) {
            out += head + "\n";
            write_map(out, value, indent + 2);
        } else {
            out += head;
            write_list(out, value, indent + 2);
        }
    }
}

void write_wrapped(std::string& out, const Json& list, std::size_t indent) {
    out += " [\n";
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string item = flow_text(list[i]) + (i + 1 < list.size() ? "," : "");
        if (line.size() > indent && line.size() + 1 + item.size() > kColumns) {
            out += line + "\n";
            line.assign(indent, ' ');
        }
        line += (line.size() > indent ? " " : "") + item;
    }
    out += line + "]\n";
}

void write_list(std::string& out, const Json& list, std::size_t indent) {
    if (is_flat(list)) return write_wrapped(out, list, indent);
    out += "\n";
    for (const auto& item : list) {
        const std::string flow = flow_text(item);
        const std::string dash = std::string(indent, ' ') + "- ";
        if (!item.is_object() || dash.size() + flow.size() < kColumns) {
            out += dash + flow + "\n";
            continue;
        }
        std::string block;
        write_map(block, item, indent + 2);
        out += dash + block.substr(indent + 2);
    }
}

}  // namespace

std::string yaml_of(const nlohmann::ordered_json& map) {
    std::string out;
    write_map(out, map, 0);
    return out;
}

}  // namespace spectile::definition
