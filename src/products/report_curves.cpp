#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "products/report_sections.hpp"
#include "products/training_report.hpp"

namespace spectile::products {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kWidth = 480, kHeight = 220, kLeft = 46, kRight = 470, kTop = 14, kBottom = 190;

/// Columns of a trial's curve: [epoch, loss, training accuracy, validation overall, validation average].
struct Panel {
    std::string title;
    std::size_t column;
    bool share;  ///< From 0 to 1; else from 0 to the largest value.
};
const std::vector<Panel> kPanels = {{"Loss", 1, false},
                                    {"Accuracy on training patches, as shown", 2, true},
                                    {"Overall accuracy on validation", 3, true}};

double largest(const Json& trials, std::size_t column) {
    double most = 0;
    for (const auto& trial : trials)
        for (const auto& epoch : trial.at("curve")) most = std::max(most, epoch.at(column).get<double>());
    return most;
}

std::string line_of(const Json& curve, std::size_t column, double epochs, double high) {
    std::string points;
    for (const auto& epoch : curve)
        points += fmt::format(
            "{:.1f},{:.1f} ",
            kLeft + (epoch.at(0).get<double>() - 1) / std::max(1.0, epochs - 1) * (kRight - kLeft),
            kBottom - epoch.at(column).get<double>() / high * (kBottom - kTop));
    return points;
}

std::string axes(double epochs, double high) {
    std::string svg;
    for (int step = 0; step <= 4; ++step) {
        const double y = kBottom - step / 4.0 * (kBottom - kTop);
        svg += fmt::format(
            R"(<line class="axis" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/><text x="{3}" y="{4:.1f}" text-anchor="end">{5:.3g}</text>)",
            kLeft, kRight, y, kLeft - 6, y + 4, high * step / 4);
    }
    return svg +
           fmt::format(
               R"(<text x="{}" y="{}">epoch 1</text><text x="{}" y="{}" text-anchor="end">{:.0f}</text>)",
               kLeft, kBottom + 18, kRight, kBottom + 18, epochs);
}

std::string panel_of(const Json& trials, const Panel& panel) {
    const double most = largest(trials, panel.column);
    if (most <= 0) return "";  // Nothing was validated.
    const double high = panel.share ? 1 : most, epochs = largest(trials, 0);
    std::string lines;
    int number = 0;
    for (const auto& trial : trials) {
        const int fold = trial.at("fold");
        const auto label = fmt::format("{}seed {}", fold >= 0 ? fmt::format("fold {}, ", fold) : "",
                                       trial.at("seed").get<std::uint64_t>());
        lines += fmt::format(
            R"x(<polyline fill="none" stroke="hsl({} 65% 50%)" stroke-width="1.5" points="{}"><title>{}</title></polyline>)x",
            (number++ * 137) % 360, line_of(trial.at("curve"), panel.column, epochs, high), label);
    }
    return fmt::format(
        R"(<figure><svg viewBox="0 0 {} {}" style="width:100%;height:auto" role="img" aria-label="{}">{}{}</svg><figcaption>{}</figcaption></figure>)",
        kWidth, kHeight, panel.title, axes(epochs, high), lines, panel.title);
}

/// Those that the record names, where its curves have columns of their own.
std::vector<Panel> panels_of(const Json& record) {
    if (!record.contains("panels")) return kPanels;
    std::vector<Panel> panels;
    for (const auto& panel : record.at("panels"))
        panels.push_back({panel.at("title"), panel.at("column"), false});
    return panels;
}

}  // namespace

std::string curve_plots(const std::string& record) {
    const Json json = Json::parse(record, nullptr, false);
    if (!json.is_object() || !json.contains("trials") || json.at("trials").empty()) return "";
    std::string html;
    for (const auto& panel : panels_of(json)) html += panel_of(json.at("trials"), panel);
    return R"(<div class="pictures">)" + html + "</div>";
}

}  // namespace spectile::products
