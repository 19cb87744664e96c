#include "pipeline/mosaic_definition.hpp"

#include <algorithm>
#include <filesystem>

#include "pipeline/paths.hpp"
#include "pipeline/shared_readers.hpp"
#include "pipeline/shared_rules.hpp"

namespace spectile::definition {
namespace {

std::string format_for(const std::string& path) {
    const std::string extension = std::filesystem::path(path).extension().string();
    if (extension == ".vrt") return "VRT";
    if (extension == ".gpkg") return "GPKG";
    if (extension == ".geojson" || extension == ".json") return "GeoJSON";
    if (extension == ".fgb") return "FlatGeobuf";
    if (extension == ".csv") return "CSV";
    return "COG";
}

bool is_raster(const std::string& format) {
    return format != "CSV" && format != "GPKG" && format != "GeoJSON" && format != "FlatGeobuf" &&
           format != "VRT";
}

/// Whether a mosaic is a raster, of its own pixels or of others'.
bool has_place(const MosaicDefinition& mosaic) {
    return mosaic.kind != "stac" && (is_raster(mosaic.format) || mosaic.format == "VRT");
}

void check(const Document& document, const Value& value, const MosaicDefinition& mosaic) {
    const std::string key = "mosaic." + mosaic.kind + ".";
    if (mosaic.kind == "detections") {
        if (is_raster(mosaic.format) || mosaic.format == "VRT")
            document.fail(value, key + "format: " + mosaic.format +
                                     " holds no table of detections; use GPKG, GeoJSON, FlatGeobuf or CSV");
        if (mosaic.resolution > 0 || !mosaic.resampling.empty())
            document.fail(value, key + "resolution and resampling are for rasters");
        return;
    }
    if (mosaic.format == "CSV") document.fail(value, key + "format: CSV is for detections");
    const bool classes = mosaic.kind == "class_map" || mosaic.kind == "mask";
    if (classes && !mosaic.resampling.empty() && mosaic.resampling != "near" && mosaic.resampling != "mode")
        document.fail(value, key + "resampling: " + mosaic.kind + " holds classes, which " +
                                 mosaic.resampling + " would mix; use near or mode");
    if (!mosaic.crs.empty() && mosaic.resolution == 0)
        document.fail(value, key + "resolution: must be given with crs, in its units");
    if (!is_raster(mosaic.format) &&
        (!mosaic.crs.empty() || mosaic.resolution > 0 || !mosaic.resampling.empty()))
        document.fail(value,
                      key + "format: " + mosaic.format +
                          " refers to the products as they are; crs, resolution and resampling need COG");
}

Key path_key() {
    return {.name = "path", .rule = text("a file name"), .doc = "File to write", .required = true};
}

RulePtr raster_mosaic_rule() {
    const std::vector<Key> keys = {
        path_key(),
        {.name = "format",
         .rule = text("a GDAL driver's name, or COG"),
         .doc = "COG or another raster driver: one raster. VRT: a raster that refers to the scenes' own. "
                "GPKG, GeoJSON or "
                "FlatGeobuf: a tile index, one feature a scene. Else by extension"},
        {.name = "overlap",
         .rule = one_of({"first", "last"}),
         .doc = "Whose pixel counts where scenes overlap, in the order of `scenes`; nodata never covers",
         .fallback = "first"},
        {.name = "crs",
         .rule = text("a CRS, as EPSG:32633"),
         .doc = "CRS of the common grid; that of the first scene where it is left out"},
        {.name = "resolution",
         .rule = number(),
         .doc = "Pixel side of the common grid in units of its CRS; that of the first scene where it is left "
                "out. Its "
                "lines are multiples of it"},
        {.name = "resampling",
         .rule = one_of({"near", "bilinear", "cubic", "cubicspline", "lanczos", "average", "mode", "med"}),
         .doc = "How GDAL brings scenes to the common grid; never anything but near or mode for classes",
         .fallback = "near"},
        {.name = "options",
         .rule = options_rule("GDAL creation options"),
         .doc = "GDAL creation options, `NAME=VALUE`"}};
    return either({text("a file name"), map_of("mosaic of a product", "One file over all scenes.", keys)});
}

RulePtr detection_mosaic_rule() {
    const std::vector<Key> keys = {path_key(),
                                   {.name = "format",
                                    .rule = one_of({"GPKG", "GeoJSON", "FlatGeobuf", "CSV"}),
                                    .doc = "Else by extension"},
                                   {.name = "crs",
                                    .rule = text("a CRS, as EPSG:32633"),
                                    .doc = "CRS of the table; that of the first scene where it is left out"}};
    return either({text("a file name"), map_of("mosaic of detections", "One table over all scenes.", keys)});
}

}  // namespace

RulePtr mosaic_rule() {
    const RulePtr raster = raster_mosaic_rule();
    std::vector<Key> kinds;
    for (const char* kind : {"class_map", "probabilities", "confidence", "mask", "bands", "coverage"})
        kinds.push_back(
            {.name = kind, .rule = raster, .doc = std::string("Over the scenes' `") + kind + "`"});
    kinds.push_back({.name = "detections",
                     .rule = detection_mosaic_rule(),
                     .doc = "The scenes' `detections` in one table; `scene` names each one's frame"});
    kinds.push_back({.name = "stac",
                     .rule = text("a file name"),
                     .doc = "STAC item with the mosaics as assets and a link to each scene's item; time and "
                            "model as `products.stac` has them"});
    return map_of("mosaic", "Products over all scenes of the run.", kinds);
}

std::vector<MosaicDefinition> read_mosaics(const Document& document, const Value& map,
                                           const std::string& folder,
                                           const std::vector<ProductDefinition>& products) {
    std::vector<MosaicDefinition> out;
    for (const auto& entry : map.entries) {
        const auto& kind = entry.key;
        const auto& value = entry.value;
        if (value.is_null()) continue;
        const auto is_kind = [&kind](const ProductDefinition& product) { return product.kind == kind; };
        if (std::none_of(products.begin(), products.end(), is_kind))
            document.fail(value, "mosaic." + kind + ": products names no " + kind);
        MosaicDefinition mosaic;
        mosaic.kind = kind;
        mosaic.mark = document.mark(value);
        if (value.is_scalar()) {
            mosaic.path = resolved(value.text, folder);
        } else {
            mosaic.path = resolved(text_or(value, "path", ""), folder);
            mosaic.format = text_or(value, "format", "");
            mosaic.overlap = text_or(value, "overlap", "first");
            mosaic.crs = text_or(value, "crs", "");
            mosaic.resampling = text_or(value, "resampling", "");
            if (const Value* resolution = value.find("resolution")) {
                mosaic.resolution = number_of(*resolution).value_or(0);
                if (!(mosaic.resolution > 0))
                    document.fail(*resolution, "mosaic." + kind + ".resolution: must be above 0");
            }
            if (const Value* options = value.find("options"))
                mosaic.options = read_options(document, *options);
        }
        if (kind != "stac") {
            if (mosaic.format.empty()) mosaic.format = format_for(mosaic.path);
            check(document, value, mosaic);
        }
        out.push_back(std::move(mosaic));
    }
    const Value* item = map.find("stac");
    if (item && !item->is_null() && std::none_of(out.begin(), out.end(), has_place))
        document.fail(*item, "mosaic.stac: an item lies where its raster does; name a mosaic that is one");
    return out;
}

}  // namespace spectile::definition
