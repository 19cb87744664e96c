#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "products/pyramid.hpp"
#include "products/report_sections.hpp"

// The map of the report that zooms. A page opened from a file may fetch nothing, so its tiles are in it.
namespace spectile::products {
namespace {

// Together 8 MB of a page, whatever the scene's size.
constexpr std::size_t kSceneBytes = 3'500'000, kMapBytes = 3'000'000, kConfidenceBytes = 1'500'000;

nlohmann::ordered_json layer_of(const std::string& name, const Pyramid& pyramid) {
    nlohmann::ordered_json tiles = nlohmann::ordered_json::object();
    for (const auto& tile : pyramid.tiles)
        tiles[fmt::format("{}/{}/{}", tile.level, tile.column, tile.row)] = tile.uri;
    return {{"name", name}, {"finest", pyramid.finest}, {"coarsest", pyramid.coarsest}, {"tiles", tiles}};
}

nlohmann::ordered_json layers_of(const ReportData& data) {
    auto layers = nlohmann::ordered_json::array();
    if (!data.scene.empty() && data.scene_on_map)
        layers.push_back(layer_of(
            "Scene", scene_pyramid({data.scene, data.scene_bands, data.open_options, data.scene_window},
                                   kSceneBytes)));
    if (!data.confidence.empty())
        layers.push_back(layer_of("Confidence", share_pyramid(data.confidence, kConfidenceBytes)));
    if (!data.class_map.empty()) layers.push_back(layer_of("Map", class_pyramid(data.class_map, kMapBytes)));
    return layers;
}

/// JSON inside a <script>: no "<" may begin a tag.
std::string as_data(const nlohmann::ordered_json& json) {
    std::string out;
    for (const char c : json.dump()) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
    return out;
}

std::string switches(const nlohmann::ordered_json& layers) {
    std::string html;
    for (std::size_t i = 0; i < layers.size(); ++i)
        html += fmt::format(
            R"(<label><input type="checkbox" data-layer="{0}"{2}>{1}</label><input type="range" min="0" max="100" value="100" data-opacity="{0}" aria-label="opacity of {1}">)",
            i, escaped(layers[i].at("name").get<std::string>()),
            layers[i].at("name") == "Confidence" ? "" : " checked");
    return html;
}

}  // namespace

std::string zoom_section(const ReportData& data) {
    const auto layers = layers_of(data);
    if (data.class_map.empty() || layers.empty()) return {};
    nlohmann::ordered_json page = {{"width", data.size[0]},
                                   {"height", data.size[1]},
                                   {"tile", kPyramidTile},
                                   {"geotransform", nullptr},
                                   {"layers", layers}};
    if (data.geotransform) page["geotransform"] = *data.geotransform;
    return section(
        "Look closer",
        R"(<div id="zoom"><canvas tabindex="0" aria-label="The scene and its map; drag to move, plus and minus to zoom"></canvas>)"
        R"(<div class="zoom-tools"><button type="button" data-zoom="2" aria-label="closer">+</button>)"
        R"(<button type="button" data-zoom="0.5" aria-label="farther">&minus;</button>)"
        R"(<button type="button" data-zoom="0">all</button>)" +
            switches(layers) +
            R"(<output></output></div><p class="hint">Drag to move; click, then turn the wheel to zoom.</p></div>)"
            R"(<script type="application/json" id="zoom-data">)" +
            as_data(page) + "</script><script>" + kReportScript + "</script>");
}

}  // namespace spectile::products
