#include "raster/envi_header.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace spectile {
namespace {

std::string_view trim(std::string_view text) {
    const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) || c == '\0'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Lower case, blanks, tabs and underscores as one blank.
std::string key_of(std::string_view text) {
    std::string out;
    for (const char c : trim(text)) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isspace(byte) || c == '_') {
            if (!out.empty() && out.back() != ' ') out += ' ';
        } else {
            out += static_cast<char>(std::tolower(byte));
        }
    }
    return out;
}

/// Spellings met in the wild, and what they mean.
constexpr std::array<std::pair<const char*, const char*>, 16> kMisspelt = {{
    {"wavelenght", "wavelength"},
    {"wavelengths", "wavelength"},
    {"wavelenghts", "wavelength"},
    {"wave length", "wavelength"},
    {"wavelenght units", "wavelength units"},
    {"wavelength unit", "wavelength units"},
    {"wavelenght unit", "wavelength units"},
    {"wave length units", "wavelength units"},
    {"wavelengths units", "wavelength units"},
    {"wavelengths unit", "wavelength units"},
    {"full width half maximum", "fwhm"},
    {"bad band list", "bbl"},
    {"data ignore values", "data ignore value"},
    {"reflectance scale", "reflectance scale factor"},
    {"data gain value", "data gain values"},
    {"data offset value", "data offset values"},
}};

/// Keys that say something of the georeference or the pixels and that neither we nor GDAL follow.
constexpr std::array kUnsupported = {"geo points", "pixel size",          "x start",
                                     "y start",    "major frame offsets", "minor frame offsets"};

void add_item(EnviHeader& header, std::string key, std::string_view value) {
    for (const auto& [wrong, right] : kMisspelt) {
        if (key != wrong) continue;
        header.warnings.push_back("header key '" + key + "' is read as '" + right + "'");
        key = right;
        break;
    }
    if (value.empty()) return;  // An empty key says nothing.
    if (!header.items.emplace(key, std::string(value)).second)
        header.warnings.push_back("header key '" + key + "' is given twice; the first is used");
}

std::optional<double> parse_number(std::string_view text) {
    const std::string word(trim(text));
    if (word.empty()) return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    if (end != word.c_str() + word.size()) return std::nullopt;
    return value;
}

std::int64_t whole_number(EnviHeader& header, const char* key) {
    const auto* text = header.find(key);
    if (!text) return 0;
    const auto value = parse_number(*text);
    if (!value || !(std::abs(*value) < 9e15)) {
        header.warnings.push_back(std::string("header key '") + key + "' is not a number: " + *text);
        return 0;
    }
    return static_cast<std::int64_t>(*value);
}

std::vector<double> number_list(EnviHeader& header, const char* key) {
    const auto* text = header.find(key);
    if (!text) return {};
    auto values = parse_numbers(*text);
    if (!values) {
        header.warnings.push_back(std::string("header key '") + key +
                                  "' holds something that is no number; it is left out");
        return {};
    }
    const auto count = static_cast<std::int64_t>(values->size());
    if (header.bands > 0 && count != header.bands && count > 0) {
        header.warnings.push_back(std::string("header key '") + key + "' has " + std::to_string(count) +
                                  " values for " + std::to_string(header.bands) + " bands; it is left out");
        return {};
    }
    return *values;
}

std::vector<std::string> name_list(const std::string& text) {
    std::string_view body = trim(text);
    if (body.starts_with('{')) body.remove_prefix(1);
    if (body.ends_with('}')) body.remove_suffix(1);
    std::vector<std::string> names;
    while (true) {
        const auto comma = body.find(',');
        names.emplace_back(trim(body.substr(0, comma)));
        if (comma == std::string_view::npos) return names;
        body.remove_prefix(comma + 1);
    }
}

void interpret_layout(EnviHeader& header) {
    header.samples = whole_number(header, "samples");
    header.lines = whole_number(header, "lines");
    header.bands = whole_number(header, "bands");
    header.header_offset = whole_number(header, "header offset");
    header.data_type = static_cast<int>(std::clamp<std::int64_t>(whole_number(header, "data type"), 0, 1000));
    header.big_endian = whole_number(header, "byte order") == 1;
    header.file_compression = whole_number(header, "file compression") != 0;
    if (const auto* text = header.find("interleave")) {
        const std::string word = key_of(*text).substr(0, 3);
        if (word == "bsq") header.interleave = Interleave::band;
        if (word == "bil") header.interleave = Interleave::line;
        if (word == "bip") header.interleave = Interleave::pixel;
        if (!header.interleave)
            header.warnings.push_back("header key 'interleave' is not bsq, bil or bip: " + *text);
    }
}

void interpret_scaling(EnviHeader& header) {
    header.gains = number_list(header, "data gain values");
    header.offsets = number_list(header, "data offset values");
    if (const auto* text = header.find("reflectance scale factor")) {
        const auto value = parse_number(*text);
        if (value && std::isfinite(*value) && *value > 0)
            header.reflectance_scale_factor = value;
        else
            header.warnings.push_back(
                "header key 'reflectance scale factor' is left out, it must be positive: " + *text);
    }
    if (const auto* text = header.find("data ignore value")) {
        header.ignore_value = parse_number(*text);
        if (!header.ignore_value)
            header.warnings.push_back("header key 'data ignore value' is not a number: " + *text);
    }
}

void interpret_spectrum(EnviHeader& header) {
    header.wavelengths = number_list(header, "wavelength");
    header.fwhm = number_list(header, "fwhm");
    if (const auto* text = header.find("wavelength units")) header.wavelength_units = *text;
    for (const double flag : number_list(header, "bbl")) header.bbl.push_back(flag > 0 ? 1 : 0);
    if (const auto* text = header.find("band names")) {
        header.band_names = name_list(*text);
        const auto count = static_cast<std::int64_t>(header.band_names.size());
        if (header.bands > 0 && count != header.bands)
            header.warnings.push_back("header key 'band names' has " + std::to_string(count) + " names for " +
                                      std::to_string(header.bands) +
                                      " bands (a comma inside a name splits it); names are not reliable");
    }
    for (const char* key : kUnsupported)
        if (header.find(key))
            header.warnings.push_back(std::string("header key '") + key + "' is not supported");
}

void interpret(EnviHeader& header) {
    interpret_layout(header);
    interpret_scaling(header);
    interpret_spectrum(header);
}

}  // namespace

const std::string* EnviHeader::find(const std::string& key) const {
    const auto it = items.find(key);
    return it == items.end() ? nullptr : &it->second;
}

EnviHeader parse_envi_header(std::string_view text) {
    EnviHeader header;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (!trim(text.substr(0, std::min<std::size_t>(text.size(), 64))).starts_with("ENVI"))
        header.warnings.emplace_back("header does not begin with 'ENVI'");
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of("\r\n"), text.size());
        const std::string_view line = text.substr(0, end);
        const auto equals = line.find('=');
        const std::string_view first = trim(line);
        if (equals == std::string_view::npos || first.starts_with(';') || first.starts_with('#')) {
            text.remove_prefix(std::min(end + 1, text.size()));
            continue;
        }
        std::string value(trim(line.substr(equals + 1)));
        std::size_t used = end;
        if (value.starts_with('{') && value.find('}') == std::string::npos) {
            const auto close = text.find('}', equals);
            if (close == std::string_view::npos)
                header.warnings.push_back("header key '" + key_of(line.substr(0, equals)) +
                                          "' has no closing brace");
            used = close == std::string_view::npos ? text.size() : close + 1;
            value = std::string(trim(text.substr(equals + 1, used - equals - 1)));
        }
        add_item(header, key_of(line.substr(0, equals)), value);
        text.remove_prefix(std::min(used + 1, text.size()));
    }
    interpret(header);
    return header;
}

EnviHeader envi_header_of(const std::map<std::string, std::string>& items) {
    EnviHeader header;
    for (const auto& [key, value] : items) add_item(header, key_of(key), trim(value));
    interpret(header);
    return header;
}

std::optional<DataType> envi_data_type(int number) {
    switch (number) {
        case 1:
            return DataType::Byte;
        case 2:
            return DataType::Int16;
        case 3:
            return DataType::Int32;
        case 4:
            return DataType::Float32;
        case 5:
            return DataType::Float64;
        case 6:
        case 9:
            return DataType::Complex;
        case 12:
            return DataType::UInt16;
        case 13:
            return DataType::UInt32;
        case 14:
            return DataType::Int64;
        case 15:
            return DataType::UInt64;
        default:
            return std::nullopt;
    }
}

std::optional<std::vector<double>> parse_numbers(std::string_view text) {
    const auto separates = [](char c) {
        return c == ',' || c == ';' || c == '{' || c == '}' || std::isspace(static_cast<unsigned char>(c));
    };
    std::vector<double> values;
    std::size_t i = 0;
    while (i < text.size()) {
        if (separates(text[i])) {
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && !separates(text[end])) ++end;
        const auto value = parse_number(text.substr(i, end - i));
        if (!value) return std::nullopt;
        values.push_back(*value);
        i = end;
    }
    return values;
}

}  // namespace spectile
