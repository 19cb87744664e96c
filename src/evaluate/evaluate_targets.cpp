#include "evaluate/evaluate_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "raster/open_scene.hpp"
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

Cube first_band(const std::string& file) {
    SceneDefinition definition;
    definition.paths = {file};
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

Detection judge(const Pair& pair, double threshold, Roc& roc) {
    const Cube found = first_band(pair.product), truth = first_band(pair.truth);
    if (found.rows() != truth.rows() || found.cols() != truth.cols())
        throw Error(Code::scene,
                    fmt::format("{}: has {}x{} pixels, its truth {} has {}x{}", pair.product, found.cols(),
                                found.rows(), pair.truth, truth.cols(), truth.rows()));
    std::vector<std::uint8_t> marked(found.pixels()), targets(found.pixels());
    for (std::size_t i = 0; i < marked.size(); ++i) {
        marked[i] = found.values[i] > threshold;
        targets[i] = truth.values[i] != 0;
    }
    roc.add(found.values, targets);
    return measure(marked, targets, found.cols());
}

}  // namespace

TargetResult evaluate_targets(const TargetEvaluation& evaluation) {
    TargetResult result;
    Roc roc;
    for (const auto& pair : pairs_of(evaluation)) {
        result.images.push_back({pair.stem, judge(pair, evaluation.threshold, roc)});
        result.all.add(result.images.back().figures);
    }
    result.roc_area = roc.area();
    result.roc = roc.points();
    return result;
}

std::string to_json(const TargetResult& result) {
    Json json = Json::parse(to_json(result.all));
    json["roc_area"] = result.roc_area;
    json["roc"] = Json::array();
    for (const auto& point : result.roc)
        json["roc"].push_back(Json{point.threshold, point.true_positive_rate, point.false_positive_rate});
    if (result.images.size() > 1)
        for (const auto& image : result.images) {
            Json one = Json::parse(to_json(image.figures));
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
        "ROC area {:.4f}\nimages {}\nwithout any mark {}",
        d.iou(), d.niou(), pd, d.matched, d.targets, d.fa(), d.legacy_fa(), result.roc_area, d.images,
        d.empty_images);
}

}  // namespace spectile::evaluate
