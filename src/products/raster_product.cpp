#include "products/raster_product.hpp"

#include <algorithm>

#include "pipeline/nearest.hpp"
#include "products/kinds.hpp"
#include "products/labels.hpp"
#include "products/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

using Make = std::unique_ptr<RasterProduct> (*)(const ProductDefinition&, const ProductContext&);

struct Kind {
    const char* name;
    Make make;  ///< nullptr: no raster; made from the finished rasters or written elsewhere.
};

// A further kind of product is one file and one line here.
constexpr Kind kKinds[] = {
    {"class_map", make_class_map},
    {"change_map", make_change_map},
    {"probabilities", make_probabilities},
    {"confidence", make_confidence},
    {"mask", make_mask},
    {"bands", make_bands},
    {"coverage", make_coverage},
    {"detections", nullptr},
    {"labels", nullptr},
    {"report", nullptr},
    {"provenance", nullptr},
    {"stac", nullptr},
};

bool fits(const std::string& kind, Task task) {
    if (kind == "coverage") return true;
    if (task == Task::bands) return kind == "bands";
    if (kind == "bands") return false;
    return kind != "change_map" || task == Task::change;
}

}  // namespace

bool has_features(const std::string& kind) { return kind == "detections" || kind == "labels"; }

std::unique_ptr<RasterProduct> make_raster_product(const ProductDefinition& definition,
                                                   const ProductContext& context) {
    std::vector<std::string> names;
    for (const auto& kind : kKinds) names.emplace_back(kind.name);
    const auto found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [&](const Kind& kind) { return definition.kind == kind.name; });
    if (found == std::end(kKinds))
        throw Error(Code::definition,
                    where(definition) + "no such product" + definition::suggestion(definition.kind, names));
    const Task task = context.traits.task;
    if (definition.kind == "detections" && task != Task::detection && task != Task::change)
        throw Error(Code::definition, where(definition) + "needs a model whose task is detection or change");
    if (definition.kind == "labels") check_labels(definition, context);
    if (!found->make) return nullptr;
    if (!fits(definition.kind, task))
        throw Error(Code::definition, where(definition) + "this model's task does not give this product");
    return found->make(definition, context);
}

}  // namespace spectile::products
