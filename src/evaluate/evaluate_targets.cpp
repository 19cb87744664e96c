#include "evaluate/evaluate_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "raster/open_scene.hpp"
#include "raster/resized_raster.hpp"
#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Pair {
    std::string stem, product, truth;
};

bool is_raster_name(const fs::path& path) {
    const auto extension = path.extension().string();
    return extension == ".tif" || extension == ".png" || extension == ".img" || extension == ".bmp";
}

/// The images of a folder by stem.
std::map<std::string, std::string> images_in(const std::string& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file() && is_raster_name(entry.path()))
            files[entry.path().stem().string()] = entry.path().string();
    return files;
}

std::vector<Pair> pairs_of(const TargetEvaluation& evaluation) {
    if (!fs::is_directory(evaluation.product))
        return {{fs::path(evaluation.product).stem().string(), evaluation.product, evaluation.truth}};
    if (!fs::is_directory(evaluation.truth))
        throw Error(Code::missing, evaluation.truth + ": must be a folder, as " + evaluation.product + " is");
    const auto truths = images_in(evaluation.truth);
    std::vector<Pair> pairs;
    for (const auto& [stem, file] : images_in(evaluation.product)) {
        const auto truth = truths.find(stem + evaluation.truth_suffix);
        if (truth == truths.end())
            throw Error(Code::missing, fmt::format("{}: has no truth called {}{} in {}", file, stem,
                                                   evaluation.truth_suffix, evaluation.truth));
        pairs.push_back({stem, file, truth->second});
    }
    if (pairs.empty()) throw Error(Code::missing, evaluation.product + ": holds no .tif, .png, .img or .bmp");
    return pairs;
}

Cube first_band(const std::string& file, int size, const char* resampling) {
    SceneDefinition definition;
    std::unique_ptr<ResizedRaster> resized;
    if (size > 0) resized = std::make_unique<ResizedRaster>(file, size, size, resampling);
    definition.paths = {resized ? resized->name() : file};
    definition.bands = {1};
    const auto scene = open_scene(definition);
    const std::vector<int> bands = {0};
    Cube cube;
    scene->reader()->read(scene->info().grid.window(), bands, cube);
    const auto& band = scene->info().bands.front();
    for (std::size_t i = 0; i < cube.pixels(); ++i)
        cube.values[i] = cube.valid[i] ? static_cast<float>(cube.values[i] * band.scale + band.offset) : 0;
    return cube;
}

TargetImageResult judge(const Pair& pair, const TargetEvaluation& evaluation, Roc& all) {
    const Cube found = first_band(pair.product, evaluation.size, "bilinear"),
               truth = first_band(pair.truth, evaluation.size, "nearest");
    if (found.rows() != truth.rows() || found.cols() != truth.cols())
        throw Error(Code::scene,
                    fmt::format("{}: has {}x{} pixels, its truth {} has {}x{}", pair.product, found.cols(),
                                found.rows(), pair.truth, truth.cols(), truth.rows()));
    std::vector<std::uint8_t> marked(found.pixels()), targets(found.pixels());
    for (std::size_t i = 0; i < marked.size(); ++i) {
        marked[i] = found.values[i] > evaluation.threshold;
        targets[i] = truth.values[i] != 0;
    }
    all.add(found.values, targets);
    Roc own;
    own.add(found.values, targets);
    return {pair.stem, measure(marked, targets, found.cols()), own.area(), own.points()};
}

/// The area is null where there is nothing to mark, or nothing else: a curve has no second axis then.
Json json_of(const Detection& figures, double roc_area, const std::vector<Roc::Point>& roc) {
    Json json = Json::parse(to_json(figures));
    json["roc_area"] = std::isfinite(roc_area) ? Json(roc_area) : Json(nullptr);
    json["roc"] = Json::array();
    for (const auto& point : roc)
        json["roc"].push_back(Json{point.threshold, point.true_positive_rate, point.false_positive_rate});
    return json;
}

}  // namespace

TargetResult evaluate_targets(const TargetEvaluation& evaluation) {
    TargetResult result;
    Roc roc;
    for (const auto& pair : pairs_of(evaluation)) {
        result.images.push_back(judge(pair, evaluation, roc));
        result.all.add(result.images.back().figures);
    }
    result.roc_area = roc.area();
    result.roc = roc.points();
    return result;
}

std::string to_json(const TargetResult& result) {
    Json json = json_of(result.all, result.roc_area, result.roc);
    if (result.images.size() > 1)
        for (const auto& image : result.images) {
            Json one = json_of(image.figures, image.roc_area, image.roc);
            one["image"] = image.stem;
            json["per_image"].push_back(one);
        }
    return json.dump();
}

std::string to_text(const TargetResult& result) {
    const auto& d = result.all;
    const auto pd = d.targets > 0 ? fmt::format("{:.4f}", d.pd()) : std::string("-");
    return fmt::format(
        "IoU {:.4f}\nnIoU {:.4f}\nPd {} ({} of {})\nFa {:.2f}e-6\nFa {:.2f}e-6 by the older rule\n"
        "ROC area {}\nimages {}\nwithout any mark {}",
        d.iou(), d.niou(), pd, d.matched, d.targets, d.fa(), d.legacy_fa(),
        std::isfinite(result.roc_area) ? fmt::format("{:.4f}", result.roc_area) : "-", d.images,
        d.empty_images);
}

}  // namespace spectile::evaluate
