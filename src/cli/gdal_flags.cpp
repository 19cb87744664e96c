#include "cli/gdal_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/preview.hpp"
#include "cli/run_flags.hpp"
#include "gdal/setup.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

const std::set<std::string> kRasterKinds = {"class_map",  "probabilities", "confidence", "mask",
                                            "change_map", "bands",         "coverage"};

[[noreturn]] void refuse_value(const std::string& message) { throw Error(Code::usage, message); }

int whole(const std::string& text, const std::string& option) {
    int value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size() || value < 1)
        refuse_value(option + ": '" + text + "' is no band; bands are counted from 1, as in 3 or 4-9");
    return value;
}

std::vector<ProductDefinition*> rasters_of(Pipeline& pipeline) {
    std::vector<ProductDefinition*> rasters;
    for (auto& product : pipeline.products)
        if (kRasterKinds.contains(product.kind)) rasters.push_back(&product);
    return rasters;
}

void set_parameter(ProductDefinition& product, const char* key, const nlohmann::json& value) {
    auto parameters = nlohmann::json::parse(product.parameters);
    parameters[key] = value;
    product.parameters = parameters.dump();
}

/// `[PRODUCT:]NAME=VALUE`; the product's name is needed where there are several rasters.
void add_creation_option(const std::string& text, const std::vector<ProductDefinition*>& rasters) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) refuse_value("--co '" + text + "' needs the form NAME=VALUE");
    const auto colon = text.substr(0, equals).find(':');
    std::string kinds;
    for (auto* raster : rasters) {
        kinds += (kinds.empty() ? "" : ", ") + raster->kind;
        if (colon == std::string::npos ? rasters.size() == 1 : raster->kind == text.substr(0, colon)) {
            raster->options.push_back(colon == std::string::npos ? text : text.substr(colon + 1));
            return;
        }
    }
    refuse_value("--co '" + text + "' needs the form PRODUCT:NAME=VALUE; rasters of this run: " + kinds);
}

/// The definition's word for a data type that may be spelt as GDAL does: Byte, Float32.
std::string type_key(std::string type) {
    std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::tolower(c); });
    return type == "byte" ? "uint8" : type;
}

void apply_to_products(const RunFlags& flags, Pipeline& pipeline) {
    const auto rasters = rasters_of(pipeline);
    for (auto* raster : rasters) {
        if (!flags.format.empty()) raster->format = flags.format;
        if (!flags.type.empty()) set_parameter(*raster, "type", type_key(flags.type));
        if (!flags.nodata.empty()) set_parameter(*raster, "nodata", parse_number("--nodata", flags.nodata));
    }
    for (const auto& text : flags.creation_options) add_creation_option(text, rasters);
}

void apply_to_scene(const RunFlags& flags, SceneDefinition& scene) {
    if (!flags.bands.empty()) scene.bands = parse_bands(flags.bands);
    scene.open_options.insert(scene.open_options.end(), flags.open_options.begin(), flags.open_options.end());
    if (!flags.window.empty()) {
        scene.aoi = {};
        scene.aoi.window = Window{flags.window[0], flags.window[1], flags.window[2], flags.window[3]};
    }
    if (!flags.bbox.empty()) {
        scene.aoi = {};
        scene.aoi.bbox = {flags.bbox[0], flags.bbox[1], flags.bbox[2], flags.bbox[3]};
        scene.aoi.bbox_crs = flags.bbox_crs;
    }
}

constexpr const char* kGdalGroup = "As in gdal raster";

/// Which part of the scene is read.
void declare_extent(CLI::App& app, RunFlags& flags) {
    app.add_option("-b,--band", flags.bands, "Bands of the scene, from 1: 3 or 4-9; may be repeated")
        ->type_name("BAND")
        ->allow_extra_args(false)
        ->group(kGdalGroup);
    auto* window = app.add_option("--window", flags.window, "Part of the scene in pixels")
                       ->type_name("COL,ROW,WIDTH,HEIGHT")
                       ->expected(4)
                       ->delimiter(',')
                       ->group(kGdalGroup);
    auto* bbox = app.add_option("--bbox", flags.bbox, "Part of the scene in coordinates")
                     ->type_name("XMIN,YMIN,XMAX,YMAX")
                     ->expected(4)
                     ->delimiter(',')
                     ->group(kGdalGroup)
                     ->excludes(window);
    app.add_option("--bbox-crs", flags.bbox_crs, "CRS of --bbox; else the scene's")
        ->type_name("CRS")
        ->needs(bbox)
        ->group(kGdalGroup);
}

/// How GDAL reads it, and writes the products.
void declare_formats(CLI::App& app, RunFlags& flags) {
    app.add_option("--of", flags.format, "Format of raster products: COG or a GDAL driver")
        ->type_name("FORMAT")
        ->group(kGdalGroup);
    app.add_option("--ot", flags.type, "Data type of raster products, where the product lets it be chosen")
        ->type_name("TYPE")
        ->group(kGdalGroup);
    app.add_option("--nodata", flags.nodata,
                   "Nodata value of raster products, where the product lets it be chosen")
        ->type_name("VALUE")
        ->group(kGdalGroup);
    app.add_option("--oo", flags.open_options, "Open option of the scene's driver; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false)
        ->group(kGdalGroup);
    app.add_option("--co", flags.creation_options,
                   "Creation option, PRODUCT:NAME=VALUE where there are several rasters; may be repeated")
        ->type_name("[PRODUCT:]NAME=VALUE")
        ->allow_extra_args(false)
        ->group(kGdalGroup);
    app.add_option("--config", flags.config, "GDAL configuration option; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false)
        ->group(kGdalGroup);
}

}  // namespace

void declare_gdal_flags(CLI::App& app, RunFlags& flags) {
    declare_extent(app, flags);
    declare_formats(app, flags);
}

void apply_run_flags(const RunFlags& flags, Pipeline& pipeline) {
    for (const auto& text : flags.config) set_gdal_option(text);
    pipeline.lossy = pipeline.lossy || flags.lossy;
    for (auto& scene : pipeline.scenes) apply_to_scene(flags, scene);
    apply_to_products(flags, pipeline);
    if (flags.preview > 0) make_preview(flags, pipeline);
}

std::vector<int> parse_bands(const std::vector<std::string>& texts) {
    std::vector<int> bands;
    for (const auto& text : texts)
        for (const auto& piece : CLI::detail::split(text, ',')) {
            const auto dash = piece.find('-', 1);
            const int first = whole(piece.substr(0, dash), "--band");
            const int last = dash == std::string::npos ? first : whole(piece.substr(dash + 1), "--band");
            if (last < first || last - first > 100000)
                refuse_value("--band '" + piece + "' runs backwards or too far");
            for (int band = first; band <= last; ++band) bands.push_back(band);
        }
    return bands;
}

}  // namespace spectile::cli
