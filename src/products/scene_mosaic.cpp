#include "products/scene_mosaic.hpp"

#include <cpl_string.h>
#include <gdal_utils.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "products/detection_table.hpp"
#include "products/durable_file.hpp"
#include "products/gdal_dataset.hpp"
#include "products/tile_index.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

namespace fs = std::filesystem;

struct FreeOptions {
    void operator()(GDALWarpAppOptions* options) const { GDALWarpAppOptionsFree(options); }
    void operator()(GDALTranslateOptions* options) const { GDALTranslateOptionsFree(options); }
    void operator()(GDALBuildVRTOptions* options) const { GDALBuildVRTOptionsFree(options); }
};

[[noreturn]] void refuse(const SceneMosaic& mosaic, const std::string& what) {
    throw Error(Code::definition, mosaic.where + what);
}

bool holds_classes(const std::string& kind) { return kind == "class_map" || kind == "mask"; }

std::vector<DatasetHandle> open_all(const SceneMosaic& mosaic) {
    std::vector<DatasetHandle> out;
    for (const auto& raster : mosaic.rasters) {
        out.push_back(open_raster(raster));
        double transform[6];
        if (out.back()->GetGeoTransform(transform) != CE_None)
            refuse(mosaic, raster + " has no georeference; a mosaic needs one");
        if (out.back()->GetRasterCount() != out.front()->GetRasterCount())
            refuse(mosaic, raster + " and " + mosaic.rasters.front() + " have other numbers of bands");
    }
    return out;
}

/// GDAL paints one over the other, so that the last one stays.
std::vector<GDALDatasetH> painting_order(const SceneMosaic& mosaic,
                                         const std::vector<DatasetHandle>& datasets) {
    std::vector<GDALDatasetH> order;
    for (const auto& dataset : datasets) order.push_back(dataset.get());
    if (mosaic.definition.overlap == "first") std::reverse(order.begin(), order.end());
    return order;
}

void add(CPLStringList& words, std::initializer_list<std::string> more) {
    for (const auto& word : more) words.AddString(word.c_str());
}

std::string number(double value) { return CPLSPrintf("%.17g", value); }

/// Side of a pixel in the CRS of the raster.
double resolution_of(GDALDataset& dataset) {
    double t[6];
    dataset.GetGeoTransform(t);
    return std::hypot(t[1], t[4]);
}

CPLStringList warp_words(const SceneMosaic& mosaic, GDALDataset& first) {
    const auto& definition = mosaic.definition;
    const std::string resampling = definition.resampling.empty() ? "near" : definition.resampling;
    const std::string side = number(definition.resolution > 0 ? definition.resolution : resolution_of(first));
    CPLStringList words;
    add(words, {"-of",  "GTiff",
                "-co",  "TILED=YES",
                "-co",  "SPARSE_OK=YES",
                "-co",  "BIGTIFF=YES",
                "-co",  std::string("COMPRESS=") + lossless_codec(driver_of("GTiff")),
                "-r",   resampling,
                "-et",  "0",
                "-ovr", "NONE",
                "-wm",  "256",
                "-tr",  side,
                side,   "-tap"});
    const OGRSpatialReference* crs = first.GetSpatialRef();
    char* text = nullptr;
    if (!definition.crs.empty())
        add(words, {"-t_srs", definition.crs});
    else if (crs && crs->exportToWkt(&text) == OGRERR_NONE)
        add(words, {"-t_srs", text});
    CPLFree(text);
    return words;
}

/// What the warper does not take over from its first source.
void describe(GDALDataset& out, GDALDataset& first) {
    for (int band = 1; band <= out.GetRasterCount(); ++band) {
        GDALRasterBand& from = *first.GetRasterBand(band);
        GDALRasterBand& to = *out.GetRasterBand(band);
        to.SetDescription(from.GetDescription());
        to.SetColorInterpretation(from.GetColorInterpretation());
        if (char** names = from.GetCategoryNames()) to.SetCategoryNames(names);
        if (auto* colors = from.GetColorTable()) to.SetColorTable(colors);
    }
}

void write_final(const SceneMosaic& mosaic, GDALDataset& joined, const std::string& target) {
    const auto& definition = mosaic.definition;
    CPLStringList words;
    add(words, {"-of", definition.format});
    const auto option = [&](const std::string& text) { add(words, {"-co", text}); };
    if (definition.format == "COG") {
        option(std::string("COMPRESS=") + lossless_codec(driver_of("COG")));
        option(std::string("OVERVIEW_RESAMPLING=") + (holds_classes(definition.kind) ? "MODE" : "AVERAGE"));
        option("BIGTIFF=YES");
    }
    for (const auto& text : definition.options) option(text);
    driver_of(definition.format);  // Refuses a name that is none.
    const std::unique_ptr<GDALTranslateOptions, FreeOptions> options(
        GDALTranslateOptionsNew(words.List(), nullptr));
    GdalErrors errors;
    DatasetHandle out(
        GDALDataset::FromHandle(GDALTranslate(target.c_str(), &joined, options.get(), nullptr)));
    if (!out || errors.failed()) throw_write_error(target, "cannot be written", errors.text());
    out->FlushCache(true);
    out.reset();
    if (errors.failed()) throw_write_error(target, "cannot be closed", errors.text());
}

void write_raster(const SceneMosaic& mosaic, const std::string& target) {
    auto datasets = open_all(mosaic);
    CPLStringList words = warp_words(mosaic, *datasets.front());
    auto order = painting_order(mosaic, datasets);
    const std::string joined_name = target + ".warped.tif";
    const std::unique_ptr<GDALWarpAppOptions, FreeOptions> options(
        GDALWarpAppOptionsNew(words.List(), nullptr));
    {
        GdalErrors errors;
        DatasetHandle joined(
            GDALDataset::FromHandle(GDALWarp(joined_name.c_str(), nullptr, static_cast<int>(order.size()),
                                             order.data(), options.get(), nullptr)));
        if (!joined || errors.failed())
            throw_write_error(joined_name, "scenes cannot be brought to one grid", errors.text());
        describe(*joined, *datasets.front());
        joined->FlushCache(true);
        write_final(mosaic, *joined, target);
    }
    for (const char* end : {"", ".aux.xml"}) fs::remove(joined_name + end);
}

void write_virtual(const SceneMosaic& mosaic, const std::string& target) {
    auto datasets = open_all(mosaic);
    const OGRSpatialReference* crs = datasets.front()->GetSpatialRef();
    for (std::size_t i = 1; i < datasets.size(); ++i) {
        const OGRSpatialReference* other = datasets[i]->GetSpatialRef();
        if ((crs == nullptr) != (other == nullptr) || (crs && !crs->IsSame(other)))
            refuse(mosaic, mosaic.rasters[i] + " has another CRS than " + mosaic.rasters.front() +
                               "; a VRT cannot bring them together, a COG can");
    }
    auto order = painting_order(mosaic, datasets);
    CPLStringList words;
    add(words, {"-resolution", "highest"});
    const std::unique_ptr<GDALBuildVRTOptions, FreeOptions> options(
        GDALBuildVRTOptionsNew(words.List(), nullptr));
    GdalErrors errors;
    DatasetHandle out(GDALDataset::FromHandle(GDALBuildVRT(target.c_str(), static_cast<int>(order.size()),
                                                           order.data(), nullptr, options.get(), nullptr)));
    if (!out || errors.failed()) throw_write_error(target, "cannot be written", errors.text());
    describe(*out, *datasets.front());
    out->FlushCache(true);
    out.reset();
    if (errors.failed()) throw_write_error(target, "cannot be closed", errors.text());
}

/// The target and what GDAL wrote beside it under its name.
std::vector<std::string> files_of(const std::string& target) {
    std::vector<std::string> out = {target};
    if (fs::exists(target + ".aux.xml")) out.push_back(target + ".aux.xml");
    for (const auto& file : out) sync_file(file);
    return out;
}

}  // namespace

bool is_tile_index(const MosaicDefinition& definition) {
    start_gdal();
    const bool raster =
        driver_of(definition.format).GetMetadataItem(GDAL_DCAP_RASTER) && definition.format != "GPKG";
    return definition.kind != "detections" && !raster;
}

std::vector<std::string> write_scene_mosaic(const SceneMosaic& mosaic, const std::string& target) {
    start_gdal();
    const std::string& format = mosaic.definition.format;
    if (mosaic.definition.kind == "detections")
        write_detection_table({mosaic.rasters, format, mosaic.definition.crs, mosaic.where}, target);
    else if (is_tile_index(mosaic.definition))
        write_tile_index({mosaic.rasters, mosaic.scenes, format}, folder_of(mosaic.definition.path), target);
    else if (format == "VRT")
        write_virtual(mosaic, target);
    else
        write_raster(mosaic, target);
    return files_of(target);
}

}  // namespace spectile::products
