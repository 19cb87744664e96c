#include "raster/labels.hpp"

#include <cmath>

#include "raster/burnt_cells.hpp"
#include "raster/georeference.hpp"
#include "raster/label_sources.hpp"
#include "raster/opened_raster.hpp"
#include "raster/source_reader.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

/// Whole numbers beyond this are not exact in float32, which readers deliver.
constexpr float kExact = 16777216.0F;

/// A raster on the grid itself.
class GridLabels final : public LabelReader::Source {
public:
    GridLabels(RasterSource source, int ignore)
        : source_(std::move(source)), reader_(make_source_reader(source_)), ignore_(ignore) {}

    std::vector<std::int32_t> read(const Window& window) override {
        const auto area = static_cast<std::size_t>(window.area());
        values_.resize(area);
        valid_.assign(area, 1);
        float* plane = values_.data();
        static constexpr int kFirst = 0;
        reader_->read(window, {&kFirst, 1}, {{&plane, 1}, valid_.data()});
        std::vector<std::int32_t> out(area, ignore_);
        for (std::size_t i = 0; i < area; ++i) {
            if (!valid_[i]) continue;
            if (std::abs(values_[i]) > kExact || values_[i] != std::round(values_[i]))
                throw Error(Code::scene, source_.name + ": " + std::to_string(values_[i]) + " in window " +
                                             to_string(window) +
                                             " is no class value; labels are whole numbers");
            out[i] = static_cast<std::int32_t>(values_[i]);
        }
        return out;
    }

private:
    RasterSource source_;
    std::unique_ptr<SourceReader> reader_;
    int ignore_;
    std::vector<float> values_;
    std::vector<std::uint8_t> valid_;
};

/// Features of a vector.
class VectorLabels final : public LabelReader::Source {
public:
    VectorLabels(std::vector<PlacedFeature> features, int ignore)
        : features_(std::move(features)), cells_(features_, ignore) {}

    std::vector<std::int32_t> read(const Window& window) override {
        std::vector<std::int32_t> out(static_cast<std::size_t>(window.area()));
        cells_.visit(window, [&](std::int64_t x, std::int64_t y, std::int32_t value) {
            out[static_cast<std::size_t>((y - window.y) * window.width + x - window.x)] = value;
        });
        return out;
    }

private:
    std::vector<PlacedFeature> features_;
    BurntCells<std::int32_t> cells_;
};

std::unique_ptr<LabelReader::Source> make_source(const Grid& grid, const LabelDefinition& definition,
                                                 std::span<const ClassInfo> classes) {
    if (is_vector(definition.path))
        return std::make_unique<VectorLabels>(place_labels(grid, definition, classes), definition.ignore);
    OpenedRaster raster = open_one(definition.path);
    if (raster.grid.georeference.empty()) raster.grid.georeference = grid.georeference;
    const std::string difference = grid_difference(grid, raster.grid);
    if (difference.empty()) return std::make_unique<GridLabels>(std::move(raster.source), definition.ignore);
    return make_warped_labels(grid, raster, definition.ignore, difference);
}

}  // namespace

LabelReader::LabelReader(const Grid& grid, const LabelDefinition& definition,
                         std::span<const ClassInfo> classes)
    : grid_(grid), source_(make_source(grid, definition, classes)) {}
LabelReader::~LabelReader() = default;
LabelReader::LabelReader(LabelReader&&) noexcept = default;
LabelReader& LabelReader::operator=(LabelReader&&) noexcept = default;

std::vector<std::int32_t> LabelReader::read(const Window& window) {
    if (window.empty() || !grid_.window().contains(window))
        throw Error(Code::internal, "window " + to_string(window) + " leaves the labelled grid");
    return source_->read(window);
}

}  // namespace spectile
