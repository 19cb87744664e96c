#include "pipeline/read_pipeline.hpp"

#include <map>

#include "pipeline/definition_schemas.hpp"
#include "pipeline/load.hpp"
#include "pipeline/mosaic_definition.hpp"
#include "pipeline/paths.hpp"
#include "pipeline/scene_lists.hpp"
#include "pipeline/shared_readers.hpp"
#include "pipeline/target_definition.hpp"
#include "pipeline/yaml_text.hpp"

namespace spectile {
namespace {

using definition::Document;
using definition::Value;

Tiling read_tiling(const Value* map) {
    Tiling tiling;
    if (!map) return tiling;
    tiling.tile = definition::whole_or(*map, "tile", 0);  // "auto" is no number
    tiling.part = definition::whole_or(*map, "part", 0);
    if (map->find("halo")) tiling.halo = definition::whole_or(*map, "halo", 0);
    if (const Value* force = map->find("force_halo"))
        tiling.force_halo = definition::boolean_of(*force).value_or(false);
    const std::string blend = definition::text_or(*map, "blend", "auto");
    if (blend == "none") tiling.blend = Blend::none;
    if (blend == "feather") tiling.blend = Blend::feather;
    return tiling;
}

ProductDefinition read_product(const Document& document, const std::string& kind, const Value& value,
                               const std::string& folder) {
    ProductDefinition product;
    product.kind = kind;
    product.mark = document.mark(value);
    auto parameters = nlohmann::json::object();
    if (value.is_scalar()) {
        product.path = definition::resolved(value.text, folder);
        return product;
    }
    for (const auto& entry : value.entries) {
        if (entry.value.is_null()) continue;
        if (entry.key == "path")
            product.path = definition::resolved(entry.value.text, folder);
        else if (entry.key == "format")
            product.format = entry.value.text;
        else if (entry.key == "options")
            product.options = definition::read_options(document, entry.value);
        else
            parameters[entry.key] = definition::json_of(entry.value);
    }
    product.parameters = parameters.dump();
    return product;
}

void check_distinct_paths(const Document& document, const Value& map,
                          const std::vector<ProductDefinition>& products) {
    std::map<std::string, std::string> seen;
    for (const auto& product : products) {
        const auto [other, fresh] = seen.emplace(product.path, product.kind);
        if (!fresh)
            document.fail(
                *map.find(product.kind),
                "products." + product.kind + ": writes to the same file as products." + other->second);
    }
}

std::vector<SceneDefinition> read_all_scenes(const Document& document, const std::string& folder) {
    const Value& root = document.root;
    const Value* scene = root.find("scene");
    const Value* scenes = root.find("scenes");
    std::vector<SceneDefinition> found;
    if (scene)
        found.push_back(definition::read_scene(document, *scene, folder));
    else
        found = definition::read_scenes(document, *scenes, folder);
    const Value* area = root.find("aoi");
    const Value* mask = root.find("mask");
    for (auto& one : found) {
        if (area && one.aoi.empty()) one.aoi = definition::read_area(document, *area, folder);
        if (mask && one.mask.empty()) one.mask = definition::resolved(mask->text, folder);
    }
    return found;
}

Precision precision_of(const std::string& text) {
    if (text == "bfloat16") return Precision::bfloat16;
    return text == "float16" ? Precision::float16 : Precision::float32;
}

Pipeline build(const Document& document, const std::string& file, const KnownNames& known) {
    const Value& root = document.root;
    const std::string folder = definition::folder_of(file);
    Pipeline pipeline;
    pipeline.file = file;
    pipeline.scenes = read_all_scenes(document, folder);
    pipeline.model = definition::find_model(root.find("model")->text, folder);
    pipeline.prepare = definition::read_steps(document, root.find("prepare"), folder, known);
    pipeline.tiling = read_tiling(root.find("tiling"));
    const Value& products = *root.find("products");
    for (const auto& entry : products.entries)
        if (!entry.value.is_null())
            pipeline.products.push_back(read_product(document, entry.key, entry.value, folder));
    if (pipeline.products.empty()) document.fail(products, "products: names no product");
    check_distinct_paths(document, products, pipeline.products);
    if (const Value* target = root.find("target"))
        pipeline.target = definition::read_target(document, *target);
    if (const Value* mosaic = root.find("mosaic"))
        pipeline.mosaics = definition::read_mosaics(document, *mosaic, folder, pipeline.products);
    if (const Value* precision = root.find("precision")) pipeline.precision = precision_of(precision->text);
    if (const Value* flips = root.find("flips"))
        pipeline.flips = definition::boolean_of(*flips).value_or(false);
    if (const Value* lossy = root.find("lossy"))
        pipeline.lossy = definition::boolean_of(*lossy).value_or(false);
    check_product_paths(pipeline);
    return pipeline;
}

std::string place(const Pipeline& pipeline, const Mark& mark) {
    if (mark.file.empty()) return pipeline.file.empty() ? "" : pipeline.file + ": ";
    return mark.file + (mark.line > 0 ? ":" + std::to_string(mark.line) : "") + ": ";
}

}  // namespace

void check_product_paths(const Pipeline& pipeline) {
    if (pipeline.scenes.size() < 2) return;
    for (const auto& product : pipeline.products)
        if (product.path.find("{stem}") == std::string::npos)
            throw Error(Code::definition, place(pipeline, product.mark) + "products." + product.kind + ": " +
                                              std::to_string(pipeline.scenes.size()) +
                                              " scenes would write to one file; put {stem} into its path");
    std::map<std::string, std::string> stems;
    for (const auto& scene : pipeline.scenes) {
        if (!definition::looks_like_file(scene.paths.front())) continue;
        const auto [other, fresh] =
            stems.emplace(definition::stem_of(scene.paths.front()), scene.paths.front());
        if (!fresh)
            throw Error(Code::definition, place(pipeline, scene.mark) + "scenes: " + other->second + " and " +
                                              scene.paths.front() +
                                              " have one {stem} and would write to one file");
    }
}

Pipeline read_pipeline(const std::string& file, const std::vector<std::string>& sets,
                       const KnownNames& known) {
    return read_pipeline_text(definition::read_text(file, Code::definition), file, sets, known);
}

Pipeline read_pipeline_text(const std::string& text, const std::string& name,
                            const std::vector<std::string>& sets, const KnownNames& known) {
    return build(definition::load_text(text, name, sets, *definition::pipeline_rule(), Code::definition),
                 name, known);
}

}  // namespace spectile
