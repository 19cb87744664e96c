#include "stac/fields.hpp"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <set>

namespace spectile::stac {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSha256Multihash = "1220";
constexpr const char* kPlainInUrl = "-._~/";

bool is_plain(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// "low vegetation" as "low_vegetation"; a byte that no such word may hold is an underscore.
std::string word_of(const std::string& name) {
    std::string word;
    for (const char c : name)
        word += (static_cast<unsigned char>(c) < 128 && is_plain(c)) || c == '-' ? c : '_';
    return word;
}

bool is_url(const std::string& text) { return text.find("://") != std::string::npos; }

std::string percent_encoded(const std::string& path) {
    std::string out;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 128 && (is_plain(c) || std::string_view(kPlainInUrl).find(c) != std::string_view::npos))
            out += c;
        else
            out += fmt::format("%{:02X}", byte);
    }
    return out;
}

std::string percent_decoded(const std::string& href) {
    std::string out;
    const auto is_hex = [&](std::size_t at) {
        return at < href.size() && std::isxdigit(static_cast<unsigned char>(href[at])) != 0;
    };
    for (std::size_t i = 0; i < href.size(); ++i) {
        if (href[i] == '%' && is_hex(i + 1) && is_hex(i + 2)) {
            out += static_cast<char>(std::stoi(href.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            out += href[i];
        }
    }
    return out;
}

}  // namespace

Json classes_json(const std::vector<ItemClass>& classes) {
    Json list = Json::array();
    std::set<std::string> taken;
    for (const auto& info : classes) {
        std::string word = word_of(info.name);
        if (word.empty() || taken.contains(word)) word += "_" + std::to_string(info.value);
        taken.insert(word);
        Json one = {{"value", info.value}, {"name", word}};
        if (word != info.name && !info.name.empty()) one["title"] = info.name;
        one["description"] = info.nodata ? "No measurement" : info.name.empty() ? word : info.name;
        if (info.nodata)
            one["nodata"] = true;
        else
            one["color_hint"] =
                fmt::format("{:02X}{:02X}{:02X}", info.color[0], info.color[1], info.color[2]);
        list.push_back(std::move(one));
    }
    return list;
}

std::vector<ItemClass> item_classes(const ModelCard& card) {
    std::vector<ItemClass> classes;
    for (const auto& info : card.classes) classes.push_back({info.value, info.name, info.color, false});
    return classes;
}

void add_file_fields(Json& asset, std::uint64_t bytes, const std::string& sha256) {
    asset["file:size"] = bytes;
    asset["file:checksum"] = kSha256Multihash + sha256;
}

std::string sha256_of_multihash(const std::string& multihash) {
    return multihash.size() == 68 && multihash.starts_with(kSha256Multihash) ? multihash.substr(4) : "";
}

std::string data_type_name(DataType type) {
    switch (type) {
        case DataType::Byte:
            return "uint8";
        case DataType::Complex:
            return "other";
        default:
            break;
    }
    std::string name(name_of(type));  // GDAL's: UInt16 is uint16 here
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
}

std::string href_of(const std::string& path, const std::string& folder) {
    if (is_url(path)) return path;
    const std::string relative = fs::path(path).lexically_relative(folder).generic_string();
    const std::string href = percent_encoded(relative.empty() ? path : relative);
    return href.starts_with("../") || href.starts_with("/") ? href : "./" + href;
}

std::string path_of_href(const std::string& href, const std::string& folder) {
    constexpr const char* kFileUrl = "file://";
    if (href.starts_with(kFileUrl)) return percent_decoded(href.substr(7));
    if (is_url(href)) return {};
    return (fs::path(folder) / percent_decoded(href)).lexically_normal().string();
}

void add_any_time(Json& properties) {
    properties["datetime"] = nullptr;
    properties["start_datetime"] = "1900-01-01T00:00:00Z";
    properties["end_datetime"] = "9999-12-31T23:59:59Z";
}

}  // namespace spectile::stac
