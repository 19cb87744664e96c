#include "products/report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "products/quicklook.hpp"
#include "products/report_sections.hpp"

namespace spectile::products {
namespace {

std::string ramp() {
    std::string stops;
    for (const auto& color : kRamp) stops += fmt::format(",rgb({},{},{})", color[0], color[1], color[2]);
    return fmt::format(R"x(<div class="ramp" style="background:linear-gradient(90deg{})"></div>)x", stops);
}

std::string pictures(const ReportData& data) {
    std::vector<std::string> figures;
    std::vector<ClassInfo> classes;
    for (const auto& item : data.classes) classes.push_back(item.info);
    if (!data.scene.empty())
        figures.push_back(
            figure(draw_scene({data.scene, data.scene_bands, data.open_options, data.scene_window}), "Scene",
                   "Scene" + (data.scene_caption.empty() ? "" : ": " + escaped(data.scene_caption))));
    if (!data.class_map.empty())
        figures.push_back(figure(draw_classes(data.class_map), "Map", class_legend(classes)));
    if (!data.confidence.empty())
        figures.push_back(
            figure(draw_shares(data.confidence), "Confidence", escaped(data.confidence_caption) + ramp()));
    return picture_row(figures);
}

std::string provenance(const std::string& json) {
    const std::string table = json_table(json);
    return table.empty() ? ""
                         : "<details><summary>How this map was made</summary><div class=\"scroll\">" + table +
                               "</div></details>";
}

}  // namespace

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
    std::string html = report_head(data.title, data.summary);
    html += fact_cards(data.facts) + warning_list(data.warnings) + pictures(data) + zoom_section(data);
    html += section("Area by class", area_table(data));
    html += section("Bands", band_plot(data.bands) + band_table(data.bands));
    html +=
        section("Accuracy of the model, as measured where it was trained", accuracy_tables(data.accuracy));
    html += section("Input", audit_table(data.audit));
    html += section("Time by stage", timing_bars(data.timings));
    html += section("Provenance", provenance(data.provenance));
    return html + report_foot();
}

}  // namespace spectile::products
