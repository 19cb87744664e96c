#include "products/training_report.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "products/quicklook.hpp"
#include "products/report_sections.hpp"

namespace spectile::products {
namespace {

using Json = nlohmann::ordered_json;

using Colors = std::map<int, std::array<std::uint8_t, 3>>;

enum class Shown { truth, prediction, errors };

Quicklook draw(const JudgedScene& scene, const Colors& colors, Shown shown) {
    constexpr std::array<std::uint8_t, 3> kRight = {70, 150, 90}, kWrong = {200, 50, 45},
                                          kUnknown = {0, 0, 0};
    std::vector<ColoredPixel> pixels;
    for (const auto& pixel : scene.pixels) {
        const auto found = colors.find(shown == Shown::truth ? pixel.truth : pixel.predicted);
        auto color = found == colors.end() ? kUnknown : found->second;
        if (shown == Shown::errors) color = pixel.truth == pixel.predicted ? kRight : kWrong;
        pixels.push_back({pixel.x, pixel.y, color});
    }
    return draw_pixels(scene.width, scene.height, pixels);
}

std::string scene_pictures(const JudgedScene& scene, const std::vector<ClassInfo>& classes) {
    Colors colors;
    for (const auto& c : classes) colors[c.value] = c.color;
    const auto legend = class_legend(classes);
    return picture_row(
        {figure(draw_scene({scene.name, scene.bands, scene.open_options}), "Scene", "Scene"),
         figure(draw(scene, colors, Shown::truth), "Truth", "Truth of the pixels judged: " + legend),
         figure(draw(scene, colors, Shown::prediction), "Prediction", "Prediction: " + legend),
         figure(draw(scene, colors, Shown::errors), "Errors", "Green right, red wrong")});
}

std::string role_section(const std::string& heading, const Json& spread, const Json& accuracy) {
    const auto text = accuracy.dump();
    return section(heading, spread_table(spread.dump()) + accuracy_tables(text) + confusion_table(text));
}

/// Of a cross-validation `pooled`; else the kept network's.
std::string accuracy_sections(const Json& json) {
    std::string html;
    for (const auto& [role, word] : {std::pair{"test", "Test "}, std::pair{"validation", "Validation "}}) {
        if (!json.contains(role) || json.at(role).is_null()) continue;
        const auto& figures = json.at(role);
        const auto heading = std::string(word) + (figures.contains("patches") ? "patches" : "pixels");
        if (figures.contains("pooled")) {
            html += role_section(heading + ", all folds and seeds", figures, figures.at("pooled"));
        } else {
            const bool several = json.contains("spread") && json.at("spread").contains(role);
            html += role_section(heading, several ? json.at("spread").at(role) : Json::object(), figures);
        }
    }
    return html;
}

/// A plane of values for each colour, 0 to 255: [3, side, side].
Quicklook draw_planes(const Json& planes, std::int64_t side) {
    std::vector<ColoredPixel> pixels;
    const auto area = static_cast<std::size_t>(side * side);
    for (std::size_t i = 0; i < area; ++i)
        pixels.push_back({static_cast<std::int64_t>(i) % side,
                          static_cast<std::int64_t>(i) / side,
                          {planes.at(i), planes.at(area + i), planes.at(2 * area + i)}});
    return draw_pixels(side, side, pixels);
}

/// What a pretrained network makes of a crop.
std::string reconstruction_pictures(const Json& picture) {
    const std::int64_t side = picture.at("side");
    std::vector<std::string> figures;
    for (const auto& [key, caption] : {std::pair{"scene", "A crop, three of its bands"},
                                       std::pair{"visible", "What the network saw of it"},
                                       std::pair{"filled_in", "With the hidden parts filled in"}})
        figures.push_back(figure(draw_planes(picture.at(key), side), caption, caption));
    return section("Reconstruction", picture_row(figures));
}

}  // namespace

std::string training_html(const TrainingReport& report) {
    std::string html = report_head(report.title, report.summary) + warning_list(report.warnings);
    html += accuracy_sections(Json::parse(report.accuracy));
    for (const auto& scene : report.scenes)
        if (!scene.pixels.empty()) html += scene_pictures(scene, report.classes);
    const Json record = Json::parse(report.record);
    if (record.contains("picture")) html += reconstruction_pictures(record.at("picture"));
    html += section("Curves", curve_plots(report.record));
    if (record.contains("training"))
        html += section("Definition",
                        R"(<div class="scroll">)" + json_table(record.at("training").dump()) + "</div>");
    return html + report_foot();
}

}  // namespace spectile::products
