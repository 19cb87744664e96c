#include "products/accuracy_report.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "products/quicklook.hpp"
#include "products/report_sections.hpp"

namespace spectile::products {

std::string accuracy_html(const AccuracyReport& report) {
    const auto name = [](const std::string& path) { return std::filesystem::path(path).filename().string(); };
    std::string html =
        report_head("Accuracy of " + name(report.product), "Judged by " + name(report.truth) + ".");
    html += section("Accuracy", accuracy_tables(report.accuracy));
    html += section("Confusion matrix", confusion_table(report.accuracy));
    html += section("Weighted by area", area_weighted_table(report.accuracy));
    if (report.raster) html += picture_row({figure(draw_classes(report.product), "Map", "The map")});
    return html + report_foot();
}

}  // namespace spectile::products
