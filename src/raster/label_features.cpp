#include "raster/label_features.hpp"

#include <cmath>

#include "gdal/setup.hpp"
#include "raster/burnt_cells.hpp"
#include "raster/dataset.hpp"
#include "raster/label_sources.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

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

}  // namespace

std::vector<PlacedFeature> place_labels(const Grid& grid, const LabelDefinition& definition,
                                        std::span<const ClassInfo> classes) {
    const std::string& name = definition.path;
    if (definition.attribute.empty())
        throw Error(Code::definition,
                    name + ": labels of a vector need 'attribute', the field with the class value or name");
    return place_features(name, grid, [&](const OGRFeature& feature, int& value) {
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
}

bool are_vector_labels(const std::string& path) {
    start_gdal();
    return is_vector(path);
}

struct LabelFeatures::Burnt {
    explicit Burnt(std::vector<PlacedFeature> placed) : features(std::move(placed)), cells(features, -1) {}
    std::vector<PlacedFeature> features;
    BurntCells<std::int32_t> cells;
};

LabelFeatures::LabelFeatures(const Grid& grid, const LabelDefinition& definition,
                             std::span<const ClassInfo> classes) {
    auto features = place_labels(grid, definition, classes);
    for (std::size_t i = 0; i < features.size(); ++i) {
        classes_.push_back(features[i].value);
        features[i].value = static_cast<int>(i);
    }
    burnt_ = std::make_unique<Burnt>(std::move(features));
}
LabelFeatures::~LabelFeatures() = default;

std::vector<std::int32_t> LabelFeatures::read(const Window& window) {
    std::vector<std::int32_t> out(static_cast<std::size_t>(window.area()));
    burnt_->cells.visit(window, [&](std::int64_t x, std::int64_t y, std::int32_t feature) {
        out[static_cast<std::size_t>((y - window.y) * window.width + x - window.x)] = feature;
    });
    return out;
}

}  // namespace spectile
