#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "products/report_sections.hpp"

namespace spectile::products {
namespace {

using Json = nlohmann::ordered_json;

/// "1 234 567" with thin spaces that do not break.
std::string grouped(std::int64_t value) {
    std::string digits = std::to_string(value);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), "\u202f");
    return digits;
}

std::string bar(double share, const std::string& color) {
    return fmt::format(
        R"(<svg viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="{:.1f} %"><rect class="track" width="100" height="12" rx="2"/><rect {} width="{:.3f}" height="12" rx="2"/></svg>)",
        100 * share, color.empty() ? R"(class="fill")" : fmt::format(R"(fill="{}")", color), 100 * share);
}

std::string css_color(const ClassInfo& info) {
    return fmt::format("#{:02x}{:02x}{:02x}", info.color[0], info.color[1], info.color[2]);
}

std::string words_of(const std::string& key) {
    std::string text = key;
    std::replace(text.begin(), text.end(), '_', ' ');
    if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

std::string value_text(const Json& value) {
    if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
    return value.is_string() ? value.get<std::string>() : value.dump();
}

void flatten(const Json& value, const std::string& key, std::string& rows) {
    const bool nested = value.is_structured() && !value.empty() &&
                        (value.is_object() || std::any_of(value.begin(), value.end(), [](const Json& item) {
                             return item.is_structured();
                         }));
    if (!nested) {
        rows += fmt::format("<tr><td>{}</td><td><code>{}</code></td></tr>", escaped(key),
                            escaped(value_text(value)));
        return;
    }
    for (const auto& item : value.items())
        flatten(item.value(), key.empty() ? item.key() : key + "." + item.key(), rows);
}

std::string share_cell(const Json& row, const char* key) {
    const bool known = row.contains(key) && row.at(key).is_number();
    return fmt::format(R"(<td class="number">{}</td>)",
                       known ? fmt::format("{:.3f}", row.at(key).get<double>()) : "–");
}

/// A line for each class. Labels that do not exclude each other have an average precision where classes have
/// an IoU.
std::string class_accuracy_table(const Json& json) {
    if (!json.contains("per_class") || !json.at("per_class").is_array()) return "";
    const bool labels = json.contains("micro_average_precision");
    std::string rows;
    for (const auto& row : json.at("per_class")) {
        if (!row.is_object()) continue;
        rows += "<tr><td>" + escaped(row.contains("name") ? value_text(row.at("name")) : "") + "</td>";
        for (const char* key : {"precision", "recall", "f1", labels ? "average_precision" : "iou"})
            rows += share_cell(row, key);
        rows += fmt::format(R"(<td class="number">{}</td></tr>)",
                            row.contains("support") ? escaped(value_text(row.at("support"))) : "–");
    }
    if (rows.empty()) return "";
    return fmt::format(
        R"(<div class="scroll"><table><tr><th>Class</th><th class="number">Precision</th><th class="number">Recall</th>)"
        R"(<th class="number">F1</th><th class="number">{}</th><th class="number">{}</th></tr>{}</table></div>)",
        labels ? "Average precision" : "IoU", json.contains("patches") ? "Patches" : "Pixels", rows);
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string section(std::string_view heading, const std::string& body) {
    return body.empty() ? "" : fmt::format("<section><h2>{}</h2>{}</section>\n", escaped(heading), body);
}

std::string area_table(const ReportData& data) {
    std::int64_t total = 0;
    for (const auto& item : data.classes) total += item.pixels;
    if (data.classes.empty()) return "";
    const bool metric = data.pixel_area_m2.has_value();
    const auto hectares = [&](std::int64_t pixels) {
        return metric ? fmt::format(R"(<td class="number">{:.2f}</td>)",
                                    static_cast<double>(pixels) * *data.pixel_area_m2 / 10000)
                      : std::string();
    };
    std::string rows;
    for (const auto& [info, pixels] : data.classes) {
        const double share = total ? static_cast<double>(pixels) / static_cast<double>(total) : 0;
        rows += fmt::format(
            R"(<tr><td><span class="swatch" style="background:{0}"></span>{1}</td><td class="number">{2}</td><td class="number">{3}</td>{4}<td class="number">{5:.1f} %</td><td class="bar">{6}</td></tr>)",
            css_color(info), escaped(info.name), info.value, grouped(pixels), hectares(pixels), 100 * share,
            bar(share, css_color(info)));
    }
    if (data.pixels_nodata > 0)
        rows += fmt::format(
            R"(<tr><td>No measurement</td><td></td><td class="number">{}</td>{}<td></td><td></td></tr>)",
            grouped(data.pixels_nodata), hectares(data.pixels_nodata));
    return fmt::format(
        R"(<div class="scroll"><table><tr><th>Class</th><th class="number">Value</th><th class="number">Pixels</th>{}<th class="number">Share</th><th></th></tr>{}</table></div>)",
        metric ? R"(<th class="number">Hectares</th>)" : "", rows);
}

std::string band_table(const std::vector<ReportBand>& bands) {
    const auto nm = [](std::optional<double> value) {
        return value ? fmt::format("{:.1f}", *value) : std::string("–");
    };
    std::string rows;
    for (const auto& band : bands) {
        const bool both = band.wanted_nm && band.found_nm;
        rows += fmt::format(
            R"(<tr><td>{}</td><td class="number">{}</td><td>{}</td><td class="number">{}</td><td class="number">{}</td></tr>)",
            escaped(band.wanted), nm(band.wanted_nm), escaped(band.found), nm(band.found_nm),
            both ? fmt::format("{:+.2f}", *band.found_nm - *band.wanted_nm) : "–");
    }
    if (rows.empty()) return "";
    return fmt::format(
        R"(<details><summary>All {} bands</summary><div class="scroll"><table><tr><th>Model expects</th><th class="number">nm</th><th>Scene gives</th><th class="number">nm</th><th class="number">Difference, nm</th></tr>{}</table></div></details>)",
        bands.size(), rows);
}

std::string timing_bars(const std::vector<std::pair<std::string, double>>& timings) {
    double longest = 0;
    for (const auto& [stage, seconds] : timings) longest = std::max(longest, seconds);
    std::string rows;
    for (const auto& [stage, seconds] : timings)
        rows += fmt::format(R"(<tr><td>{}</td><td class="number">{:.2f} s</td><td class="bar">{}</td></tr>)",
                            escaped(stage), seconds, bar(longest > 0 ? seconds / longest : 0, ""));
    return rows.empty() ? "" : "<table>" + rows + "</table>";
}

std::string audit_table(const std::vector<ReportAudit>& audit) {
    std::string rows;
    for (const auto& row : audit)
        rows += fmt::format("<tr><td>{}</td><td>{}{}</td></tr>", escaped(row.what),
                            row.warning ? R"(<span class="flag">Check: </span>)" : "", escaped(row.finding));
    return rows.empty() ? "" : R"(<div class="scroll"><table>)" + rows + "</table></div>";
}

std::string accuracy_tables(const std::string& text) {
    Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || json.empty()) return "";
    // A card holds the figures of each role; the held-out ones come first.
    if (!json.contains("overall_accuracy"))
        for (const char* role : {"test", "validation"})
            if (json.contains(role) && json.at(role).is_object() &&
                (json.at(role).contains("overall_accuracy") ||
                 json.at(role).contains("micro_average_precision")))
                return fmt::format("<p>On {} {}.</p>", role,
                                   json.at(role).contains("patches") ? "patches" : "pixels") +
                       accuracy_tables(json.at(role).dump());
    const auto classes = class_accuracy_table(json);
    json.erase("per_class");
    json.erase("confusion");
    json.erase("area_weighted");
    std::string facts;
    for (const auto& item : json.items())
        if (item.value().is_primitive() && !item.value().is_null())
            facts += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escaped(words_of(item.key())),
                                 escaped(value_text(item.value())));
    std::string html = facts.empty() ? "" : R"(<dl class="facts">)" + facts + "</dl>";
    return html + classes;
}

std::string json_table(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || json.empty()) return "";
    std::string rows;
    flatten(json, "", rows);
    return "<table>" + rows + "</table>";
}

}  // namespace spectile::products
