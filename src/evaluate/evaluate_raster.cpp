#include "evaluate/evaluate_raster.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "raster/labels.hpp"
#include "raster/open_scene.hpp"
#include "raster/scene_info.hpp"
#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

constexpr std::int64_t kWindow =
    1024;  // A multiple of the usual block sizes; 12 MB of values, labels and mask.

/// The classes that the product itself names.
std::vector<ClassInfo> categories_of(const std::string& product, const std::optional<double>& nodata) {
    const auto info = nlohmann::json::parse(scene_info_json(product));
    std::vector<ClassInfo> classes;
    const auto bands = info.find("bands");
    if (bands == info.end() || bands->empty() || !bands->front().contains("categories")) return classes;
    int value = 0;
    for (const auto& name : bands->front().at("categories")) {
        const bool is_nodata = nodata && *nodata == value;
        if (!is_nodata && !name.get<std::string>().empty())
            classes.push_back({value, name.get<std::string>(), {}});
        ++value;
    }
    return classes;
}

/// The windows to judge: the squares asked for, or the whole grid in pieces.
std::vector<Window> windows_of(const Grid& grid, const RasterEvaluation& evaluation) {
    std::vector<Window> windows;
    const bool everything = evaluation.tiles.empty();
    const std::int64_t side = everything ? kWindow : evaluation.tile_size;
    if (side < 1) throw Error(Code::usage, "--tiles needs --tile-size: the side of the squares in pixels");
    const std::int64_t columns = (grid.width + side - 1) / side, rows = (grid.height + side - 1) / side;
    const auto add = [&](std::int64_t number) {
        const Window square{number % columns * side, number / columns * side, side, side};
        windows.push_back(intersect(square, grid.window()));
    };
    if (everything)
        for (std::int64_t number = 0; number < columns * rows; ++number) add(number);
    for (const int number : evaluation.tiles) {
        if (number < 0 || number >= columns * rows)
            throw Error(Code::usage,
                        fmt::format("--tiles: there is no tile {}; tiles of {} pixels run from 0 to {}",
                                    number, side, columns * rows - 1));
        add(number);
    }
    return windows;
}

int class_at(const Cube& cube, std::size_t pixel, const std::string& product) {
    const float value = cube.values[pixel];
    if (value != std::floor(value) || std::abs(value) > 1e9F)
        throw Error(Code::scene,
                    fmt::format("{}: holds the value {}; a class map has whole numbers", product, value));
    return static_cast<int>(value);
}

void count(const Cube& cube, const std::vector<std::int32_t>& truth, const RasterEvaluation& evaluation,
           Confusion& confusion) {
    for (std::size_t pixel = 0; pixel < truth.size(); ++pixel) {
        if (truth[pixel] == evaluation.truth.ignore) continue;
        if (cube.valid[pixel] != 0)
            confusion.add(truth[pixel], class_at(cube, pixel, evaluation.product));
        else if (evaluation.mask.empty())
            confusion.add_unpredicted();
    }
}

}  // namespace

Accuracy evaluate_raster(const RasterEvaluation& evaluation) {
    SceneDefinition definition;
    definition.paths = {evaluation.product};
    definition.mask = evaluation.mask;
    const auto scene = open_scene(definition);
    const auto& info = scene->info();
    if (info.bands.size() != 1)
        throw Error(Code::scene, fmt::format("{}: has {} bands; a class map has one", evaluation.product,
                                             info.bands.size()));
    const auto classes = categories_of(evaluation.product, info.bands.front().nodata);
    const auto windows = windows_of(info.grid, evaluation);

    LabelReader labels(info.grid, evaluation.truth, classes);
    const auto reader = scene->reader();
    const int band = 0;
    Confusion confusion(classes);
    Cube cube;
    for (const auto& window : windows) {
        reader->read(window, {&band, 1}, cube);
        count(cube, labels.read(window), evaluation, confusion);
    }
    return confusion.accuracy();
}

}  // namespace spectile::evaluate
