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

std::string known_names(std::span<const ClassInfo> classes) {
    std::string out;
    for (const auto& c : classes) out += (out.empty() ? "" : ", ") + c.name;
    return out.empty() ? "none" : out;
}

/// The class value that an attribute stands for.
int class_value(const OGRFeature& feature, int field, std::span<const ClassInfo> classes,
                const std::string& name) {
    const std::string text = feature.GetFieldAsString(field);
    const OGRFieldType type = feature.GetFieldDefnRef(field)->GetType();
    for (const auto& c : classes)
        if (type == OFTString && c.name == text) return c.value;
    for (const auto& c : classes)
        if (type == OFTString && EQUAL(c.name.c_str(), text.c_str())) return c.value;
    char* end = nullptr;
    const double value = CPLStrtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0' || value != std::round(value) || std::abs(value) > 2147483647.0)
        throw Error(Code::scene,
                    name + ": feature " + std::to_string(feature.GetFID()) + " has the class '" + text +
                        "', which is neither a whole number nor one of: " + known_names(classes));
    return static_cast<int>(value);
}

std::unique_ptr<LabelReader::Source> vector_labels(const Grid& grid, const LabelDefinition& definition,
                                                   std::span<const ClassInfo> classes) {
    const std::string& name = definition.path;
    if (definition.attribute.empty())
        throw Error(Code::definition,
                    name + ": labels of a vector need 'attribute', the field with the class value or name");
    auto features = place_features(name, grid, [&](const OGRFeature& feature, int& value) {
        const int field = feature.GetFieldIndex(definition.attribute.c_str());
        if (field < 0) {
            std::string fields;
            for (int i = 0; i < feature.GetFieldCount(); ++i)
                fields += std::string(i ? ", " : "") + feature.GetFieldDefnRef(i)->GetNameRef();
            throw Error(Code::scene,
                        name + ": there is no field '" + definition.attribute + "'; there are: " + fields);
        }
        if (!feature.IsFieldSetAndNotNull(field)) return false;
        value = class_value(feature, field, classes, name);
        return true;
    });
    return std::make_unique<VectorLabels>(std::move(features), definition.ignore);
}

std::unique_ptr<LabelReader::Source> make_source(const Grid& grid, const LabelDefinition& definition,
                                                 std::span<const ClassInfo> classes) {
    if (is_vector(definition.path)) return vector_labels(grid, definition, classes);
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
