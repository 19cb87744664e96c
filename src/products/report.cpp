#include "products/report.hpp"

#include <fmt/format.h>
#include <ogr_spatialref.h>

#include <cmath>

#include "products/gdal_dataset.hpp"
#include "products/quicklook.hpp"
#include "products/report_sections.hpp"
#include "spectile/version.hpp"

namespace spectile::products {
namespace {

std::string figure(const Quicklook& picture, const std::string& alt, const std::string& caption) {
    return fmt::format(
        R"(<figure><img src="{}" width="{}" height="{}" alt="{}"><figcaption>{}</figcaption></figure>)",
        data_uri(picture), picture.width, picture.height, escaped(alt), caption);
}

std::string ramp() {
    std::string stops;
    for (const auto& color : kRamp) stops += fmt::format(",rgb({},{},{})", color[0], color[1], color[2]);
    return fmt::format(R"x(<div class="ramp" style="background:linear-gradient(90deg{})"></div>)x", stops);
}

std::string legend(const std::vector<ReportClass>& classes) {
    std::string html;
    for (const auto& [info, pixels] : classes)
        html += fmt::format(
            R"(<span style="display:inline-block;margin:0 14px 4px 0"><span class="swatch" style="background:#{:02x}{:02x}{:02x}"></span>{}</span>)",
            info.color[0], info.color[1], info.color[2], escaped(info.name));
    return html;
}

std::string pictures(const ReportData& data) {
    std::string html;
    if (!data.scene.empty())
        html +=
            figure(draw_scene({data.scene, data.scene_bands, data.open_options, data.scene_window}), "Scene",
                   "Scene" + (data.scene_caption.empty() ? "" : ": " + escaped(data.scene_caption)));
    if (!data.class_map.empty()) html += figure(draw_classes(data.class_map), "Map", legend(data.classes));
    if (!data.confidence.empty())
        html += figure(draw_shares(data.confidence), "Confidence", escaped(data.confidence_caption) + ramp());
    return html.empty() ? "" : R"(<section><div class="pictures">)" + html + "</div></section>\n";
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& items) {
    std::string html;
    for (const auto& [name, value] : items)
        html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(value));
    return html.empty() ? "" : R"(<dl class="facts">)" + html + "</dl>\n";
}

std::string warnings(const std::vector<std::string>& lines) {
    std::string html;
    for (const auto& line : lines) html += "<li>" + escaped(line) + "</li>";
    return html.empty() ? ""
                        : R"(<section class="warnings"><h2>Warnings</h2><ul>)" + html + "</ul></section>\n";
}

std::string provenance(const std::string& json) {
    const std::string table = json_table(json);
    return table.empty() ? ""
                         : "<details><summary>How this map was made</summary><div class=\"scroll\">" + table +
                               "</div></details>";
}

}  // namespace

std::optional<double> pixel_area_m2(const Grid& grid) {
    const auto& geo = grid.georeference;
    if (!geo.has_geotransform || geo.crs_wkt.empty()) return std::nullopt;
    const GdalErrors unheard;  // A CRS that cannot be read gives no area.
    OGRSpatialReference crs;
    if (crs.importFromWkt(geo.crs_wkt.c_str()) != OGRERR_NONE || !crs.IsProjected()) return std::nullopt;
    const double metres = crs.GetLinearUnits();
    const auto& gt = geo.geotransform;
    return std::abs(gt[1] * gt[5] - gt[2] * gt[4]) * metres * metres;
}

std::array<int, 3> quicklook_bands(const std::vector<BandInfo>& bands) {
    constexpr std::array kColors = {640.0, 550.0, 470.0};
    constexpr double kFarthest = 60;
    const int count = static_cast<int>(bands.size());
    const std::array<int, 3> spread = {std::max(1, count), std::max(1, (count + 1) / 2), 1};
    std::array<int, 3> chosen{};
    for (std::size_t color = 0; color < kColors.size(); ++color) {
        double nearest = kFarthest;
        for (int b = 0; b < count; ++b) {
            const auto& band = bands[static_cast<std::size_t>(b)];
            if (!band.wavelength_nm || band.bad || std::abs(*band.wavelength_nm - kColors[color]) >= nearest)
                continue;
            nearest = std::abs(*band.wavelength_nm - kColors[color]);
            chosen[color] = b + 1;
        }
        if (chosen[color] == 0) return count == 3 || count == 4 ? std::array<int, 3>{1, 2, 3} : spread;
    }
    return chosen;
}

std::string report_html(const ReportData& data) {
    std::string html =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>" +
        escaped(data.title) + "</title><style>" + kReportStyle + "</style></head>\n<body><main><h1>" +
        escaped(data.title) + "</h1>";
    if (!data.summary.empty()) html += "<p class=\"lead\">" + escaped(data.summary) + "</p>";
    html += facts(data.facts) + warnings(data.warnings) + pictures(data);
    html += section("Area by class", area_table(data));
    html += section("Bands", band_plot(data.bands) + band_table(data.bands));
    html +=
        section("Accuracy of the model, as measured where it was trained", accuracy_tables(data.accuracy));
    html += section("Input", audit_table(data.audit));
    html += section("Time by stage", timing_bars(data.timings));
    html += section("Provenance", provenance(data.provenance));
    return html + "<footer>spectile " + kVersion + "</footer></main></body></html>\n";
}

}  // namespace spectile::products
