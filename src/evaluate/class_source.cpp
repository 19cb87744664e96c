#include "evaluate/class_source.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "raster/label_features.hpp"
#include "raster/labels.hpp"
#include "raster/open_scene.hpp"
#include "raster/scene_info.hpp"
#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

/// The classes that a raster itself names.
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

int whole_value(float value, const std::string& product) {
    if (value != std::floor(value) || std::abs(value) > 1e9F)
        throw Error(Code::scene,
                    fmt::format("{}: holds the value {}; a class map has whole numbers", product, value));
    return static_cast<int>(value);
}

}  // namespace

ClassSource::ClassSource(const MapEvaluation& evaluation) : product_(evaluation.product) {
    const bool vector = are_vector_labels(evaluation.product);
    if (vector && are_vector_labels(evaluation.truth.path))
        throw Error(
            Code::usage,
            fmt::format("{} and {} are both vectors, so there is no grid to count on; give one of them "
                        "as a raster (gdal_rasterize)",
                        evaluation.product, evaluation.truth.path));
    SceneDefinition definition;
    definition.paths = {vector ? evaluation.truth.path : evaluation.product};
    definition.mask = evaluation.mask;
    scene_ = open_scene(definition);
    const auto& info = scene_->info();
    if (info.bands.size() != 1)
        throw Error(Code::scene, fmt::format("{}: has {} bands; a class map has one", definition.paths[0],
                                             info.bands.size()));
    reader_ = scene_->reader();
    classes_ = categories_of(definition.paths[0], info.bands.front().nodata);
    if (!vector) return;
    LabelDefinition labels{.path = evaluation.product, .attribute = evaluation.attribute, .ignore = kNone};
    vector_ = std::make_unique<LabelReader>(info.grid, labels, classes_);
}
ClassSource::~ClassSource() = default;

const Grid& ClassSource::grid() const { return scene_->info().grid; }

const std::vector<int>& ClassSource::read(const Window& window) {
    const int band = 0;
    reader_->read(window, {&band, 1}, cube_);
    if (vector_)
        values_ = vector_->read(window);
    else
        values_.resize(cube_.valid.size());
    for (std::size_t i = 0; i < values_.size(); ++i)
        if (cube_.valid[i] == 0)
            values_[i] = kNone;
        else if (!vector_)
            values_[i] = whole_value(cube_.values[i], product_);
    return values_;
}

}  // namespace spectile::evaluate
