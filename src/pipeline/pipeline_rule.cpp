#include "pipeline/definition_schemas.hpp"
#include "pipeline/known_names.hpp"
#include "pipeline/load.hpp"
#include "pipeline/mosaic_definition.hpp"
#include "pipeline/shared_rules.hpp"
#include "pipeline/target_definition.hpp"

namespace spectile {

const std::vector<std::string>& product_kinds() {
    static const std::vector<std::string> kinds = {"class_map",  "probabilities", "confidence", "mask",
                                                   "detections", "change_map",    "labels",     "bands",
                                                   "coverage",   "report",        "provenance", "stac"};
    return kinds;
}

namespace definition {
namespace {

struct KindDoc {
    const char* name;
    const char* doc;
};

constexpr KindDoc kKindDocs[] = {
    {"class_map", "Class value per pixel, with names and colours (classification, segmentation)"},
    {"probabilities", "One band per class (classification, segmentation)"},
    {"confidence", "How sure the model is, per pixel"},
    {"mask", "Target or not, per pixel (detection, segmentation)"},
    {"detections",
     "One feature per target, or per changed area (detection, change); GPKG, GeoJSON, FlatGeobuf or CSV by "
     "extension"},
    {"change_map", "Changed or not, per pixel (change)"},
    {"labels",
     "One feature per tile, with scores, and a raster whose pixels are tiles, NAME.tiles.tif (labels)"},
    {"bands", "What the network gives, unchanged; of the identity model its input bands"},
    {"coverage", "Per pixel: how many tiles, dates and valid bands fed it, and which scene owns it"},
    {"report", "A page to read: maps, figures, what was done (HTML)"},
    {"provenance", "What was done, when and where (JSON)"},
    {"stac", "STAC item with the products as assets (JSON, docs/stac.md)"}};

/// Keys that a kind has beyond those of every product; products/ checks them again.
std::vector<Key> product_keys(const std::string& kind) {
    if (kind == "confidence")
        return {{.name = "measure",
                 .rule = one_of({"max", "margin", "entropy"}),
                 .doc = "max = best probability; margin = best minus second best; entropy = entropy / "
                        "log(classes), 0 "
                        "where the model is certain",
                 .fallback = "max"}};
    if (kind == "probabilities")
        return {
            {.name = "type",
             .rule = one_of({"float32", "uint8"}),
             .doc =
                 "How probabilities are stored; uint8 holds round(254 * probability), 255 = no measurement",
             .fallback = "float32"}};
    if (kind == "mask" || kind == "detections")
        return {{.name = "threshold",
                 .rule = number(0, 1),
                 .doc = "Probability above which a pixel is a target",
                 .fallback = 0.5}};
    if (kind == "labels")
        return {{.name = "threshold",
                 .rule = number(0, 1),
                 .doc =
                     "Of models whose classes do not exclude each other: probability above which a class is "
                     "among a tile's labels",
                 .fallback = 0.5}};
    if (kind == "bands")
        return {{.name = "nodata",
                 .rule = number(),
                 .doc = "Value of pixels without measurement; the scene's where it is left out"}};
    if (kind == "stac")
        return {
            {.name = "datetime",
             .rule = text("a time, or two with a slash between"),
             .doc = "When the scene was acquired (UTC); what its file says where it is left out"},
            {.name = "model_item",
             .rule = text("a file name or URL"),
             .doc = "The model's own item, to link to; `model.stac.json` in the model folder where that file "
                    "is there"}};
    return {};
}

RulePtr product_rule(const KindDoc& kind) {
    const std::string name = kind.name;
    std::vector<Key> keys = {
        {.name = "path",
         .rule = text("a file name"),
         .doc =
             "File to write; with several scenes it holds `{stem}`, the scene's file name without extension",
         .required = true},
        {.name = "format",
         .rule = text("a GDAL driver's name, or COG"),
         .doc = "GDAL driver; rasters are COG, `bands` and rasters of more than 16 bands tiled GTiff, "
                "vectors by extension"},
        {.name = "options",
         .rule = options_rule("GDAL creation options"),
         .doc = "GDAL creation options, `NAME=VALUE`"}};
    std::vector<Key> own = product_keys(name);
    const bool plain = own.empty();
    keys.insert(keys.end(), own.begin(), own.end());
    // Kinds without keys of their own share one section of the documentation and the schema.
    return either({text("a file name"),
                   open_map(plain ? "product" : name + " product", "A finished file.", std::move(keys),
                            any("anything"), "Parameters of the kind of product.")});
}

RulePtr products_rule() {
    std::vector<Key> keys;
    for (const auto& kind : kKindDocs)
        keys.push_back({.name = kind.name, .rule = product_rule(kind), .doc = kind.doc});
    return map_of("products", "What to write: a map from kind of product to a file name, or to a map.",
                  std::move(keys));
}

RulePtr tiling_rule() {
    const auto side = either({one_of({"auto"}), whole(1, 1 << 20)});
    return map_of(
        "tiling",
        "How the scene is cut. The result does not depend on `part`, nor on `tile` for local models.",
        {{.name = "tile", .rule = side, .doc = "Side of a tile's core", .fallback = "auto", .unit = "pixels"},
         {.name = "part",
          .rule = side,
          .doc =
              "Side of a part, what is computed, written and remembered as one; rounded up to whole blocks",
          .fallback = "auto",
          .unit = "pixels"},
         {.name = "halo",
          .rule = whole(0, 1 << 16),
          .doc = "Context read around a tile; the model's own where it is left out, never less unless "
                 "`force_halo`",
          .unit = "pixels"},
         {.name = "force_halo",
          .rule = boolean(),
          .doc = "Take `halo` even where it is less than the model's",
          .fallback = false},
         {.name = "blend",
          .rule = one_of({"auto", "none", "feather"}),
          .doc = "How overlapping tiles become one map; auto = what the model says",
          .fallback = "auto"}});
}

RulePtr scenes_rule() {
    std::vector<Key> keys = {{.name = "from",
                              .rule = text("a pattern, CSV or STAC file"),
                              .doc = "Pattern of file names, CSV with a column `path` (or `before` and "
                                     "`after`), or STAC items (JSON)",
                              .required = true},
                             {.name = "assets",
                              .rule = list_of(text("an asset's key"), 1),
                              .doc = "Of STAC items: the assets to stack, in this order; else those with the "
                                     "role data, else the rasters"}};
    for (const auto& key : scene_reading_keys()) keys.push_back(key);
    return either({text("a pattern, CSV or STAC file"), list_of(scene_rule(), 1),
                   map_of("scenes", "Many scenes, read alike; each is a run with products of its own.",
                          std::move(keys))});
}

}  // namespace

RulePtr pipeline_rule() {
    static const RulePtr rule = with_exactly_one(
        map_of(
            "pipeline", "What is computed: which scenes, with which model, into which products.",
            {version_key(),
             {.name = "scene",
              .rule = scene_rule(),
              .doc = "One scene: a name, a map, `{before: A, after: B}`, or a list of rasters to stack"},
             {.name = "scenes",
              .rule = scenes_rule(),
              .doc = "Many scenes in place of `scene`: a list, a pattern, a CSV or a STAC item collection"},
             {.name = "aoi",
              .rule = area_rule(),
              .doc = "Area of interest; the whole scene where it is left out"},
             {.name = "mask", .rule = file_name(), .doc = "Raster (0 = invalid) or vector (inside = valid)"},
             {.name = "model",
              .rule = text("a model folder"),
              .doc = "Model folder, with `model.yaml` in it",
              .required = true},
             {.name = "prepare",
              .rule = steps_rule(),
              .doc = "Preparation steps before those of the model card: `name`, or `name: {parameters}`",
              .fallback = nlohmann::json::array()},
             {.name = "tiling", .rule = tiling_rule(), .doc = "How the scene is cut"},
             {.name = "products", .rule = products_rule(), .doc = "What to write", .required = true},
             {.name = "target",
              .rule = target_rule(),
              .doc =
                  "Grid of the raster products, and CRS of detections; the scene's own where it is left out"},
             {.name = "mosaic",
              .rule = mosaic_rule(),
              .doc = "Products over all scenes: one raster on a common grid, a VRT, or a tile index"},
             {.name = "precision",
              .rule = one_of({"float32", "bfloat16", "float16"}),
              .doc =
                  "Of the largest matrix products. bfloat16 is for spectral_gpt and spectral_mamba on the "
                  "CPU, for processors with AVX512_BF16; elsewhere it is slower, with the same result. On a "
                  "CUDA device bfloat16 and float16 are for these and for mim_istd",
              .fallback = "float32"},
             {.name = "flips",
              .rule = boolean(),
              .doc =
                  "Test-time augmentation: what the network says of each tile is the mean of the tile as it "
                  "is, flipped left to right, top to bottom, and both; four times the work",
              .fallback = false},
             {.name = "lossy",
              .rule = boolean(),
              .doc = "Accept data types that float32 does not hold exactly (32 and 64 bit integers, Float64)",
              .fallback = false},
             vars_key()}),
        {"scene", "scenes"});
    return rule;
}

}  // namespace definition
}  // namespace spectile
