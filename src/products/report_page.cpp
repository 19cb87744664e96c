#include <fmt/format.h>

#include "products/report_sections.hpp"
#include "spectile/version.hpp"

// What every report shares: the page around its sections, cards, warnings, pictures.
namespace spectile::products {

std::string figure(const Quicklook& picture, const std::string& alt, const std::string& caption) {
    return fmt::format(
        R"(<figure><img src="{}" width="{}" height="{}" alt="{}"><figcaption>{}</figcaption></figure>)",
        data_uri(picture), picture.width, picture.height, escaped(alt), caption);
}

std::string picture_row(const std::vector<std::string>& figures) {
    std::string html;
    for (const auto& one : figures) html += one;
    return html.empty() ? "" : R"(<section><div class="pictures">)" + html + "</div></section>\n";
}

std::string class_legend(const std::vector<ClassInfo>& classes) {
    std::string html;
    for (const auto& info : classes)
        html += fmt::format(
            R"(<span style="display:inline-block;margin:0 14px 4px 0"><span class="swatch" style="background:#{:02x}{:02x}{:02x}"></span>{}</span>)",
            info.color[0], info.color[1], info.color[2], escaped(info.name));
    return html;
}

std::string fact_cards(const std::vector<std::pair<std::string, std::string>>& items) {
    std::string html;
    for (const auto& [name, value] : items)
        html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(value));
    return html.empty() ? "" : R"(<dl class="facts">)" + html + "</dl>\n";
}

std::string warning_list(const std::vector<std::string>& lines) {
    std::string html;
    for (const auto& line : lines) html += "<li>" + escaped(line) + "</li>";
    return html.empty() ? ""
                        : R"(<section class="warnings"><h2>Warnings</h2><ul>)" + html + "</ul></section>\n";
}

std::string report_head(const std::string& title, const std::string& lead) {
    std::string html =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>" +
        escaped(title) + "</title><style>" + kReportStyle + "</style></head>\n<body><main><h1>" +
        escaped(title) + "</h1>";
    if (!lead.empty()) html += "<p class=\"lead\">" + escaped(lead) + "</p>";
    return html;
}

std::string report_foot() {
    return std::string("<footer>spectile ") + kVersion + "</footer></main></body></html>\n";
}

}  // namespace spectile::products
