#include <cpl_string.h>
#include <gdal_utils.h>

#include "gdal/errors.hpp"
#include "raster/dataset.hpp"
#include "raster/georeference.hpp"
#include "raster/label_sources.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

struct WarpOptionsCloser {
    void operator()(GDALWarpAppOptions* options) const { GDALWarpAppOptionsFree(options); }
};

struct TranslateCloser {
    void operator()(GDALTranslateOptions* options) const { GDALTranslateOptionsFree(options); }
};

/// The raster, or a view of its first band where it has several: the warper would take them all.
DatasetHandle first_band(const RasterSource& source) {
    DatasetHandle dataset = open_raster(source.name, source.open_options);
    if (source.bands.size() == 1) return dataset;
    CPLStringList words;
    for (const char* word : {"-of", "VRT", "-b", "1"}) words.AddString(word);
    const std::unique_ptr<GDALTranslateOptions, TranslateCloser> options(
        GDALTranslateOptionsNew(words.List(), nullptr));
    GdalErrors errors;
    DatasetHandle view(GDALDataset::FromHandle(GDALTranslate("", dataset.get(), options.get(), nullptr)));
    if (!view)
        throw Error(Code::scene,
                    source.name + ": its first band cannot be taken as labels; give a raster of one band",
                    errors.text());
    dataset.release()
        ->ReleaseRef();  // The view holds a reference of its own; closing would take the raster from it.
    return view;
}

class WarpedLabels final : public LabelReader::Source {
public:
    WarpedLabels(Grid grid, const RasterSource& source, int ignore)
        : grid_(std::move(grid)), name_(source.name), ignore_(ignore), dataset_(first_band(source)) {
        // No -dstnodata: the warper would move labels that equal it. The window begins full of `ignore`
        // instead.
        CPLStringList words;
        for (const char* word : {"-r", "near", "-et", "0"}) words.AddString(word);
        options_.reset(GDALWarpAppOptionsNew(words.List(), nullptr));
    }

    std::vector<std::int32_t> read(const Window& window) override {
        GdalErrors errors;
        const auto width = static_cast<int>(window.width), height = static_cast<int>(window.height);
        std::vector<std::int32_t> out(static_cast<std::size_t>(window.area()), ignore_);
        const DatasetHandle target(
            GetGDALDriverManager()->GetDriverByName("MEM")->Create("", width, height, 1, GDT_Int32, nullptr));
        Grid place = crop(grid_, window);
        target->SetGeoTransform(place.georeference.geotransform.data());
        const OGRSpatialReference crs = crs_of(place.georeference.crs_wkt);
        target->SetSpatialRef(&crs);
        GDALRasterBand& band = *target->GetRasterBand(1);
        int misused = FALSE;
        GDALDatasetH from = dataset_.get();
        const bool done = band.RasterIO(GF_Write, 0, 0, width, height, out.data(), width, height, GDT_Int32,
                                        0, 0, nullptr) == CE_None &&
                          GDALWarp(nullptr, target.get(), 1, &from, options_.get(), &misused) != nullptr &&
                          !misused &&
                          band.RasterIO(GF_Read, 0, 0, width, height, out.data(), width, height, GDT_Int32, 0,
                                        0, nullptr) == CE_None;
        if (!done || errors.failed())
            throw Error(Code::read,
                        name_ + ": labels cannot be brought onto the scene in window " + to_string(window) +
                            "; warp them beforehand (gdalwarp -r near)",
                        errors.text());
        return out;
    }

private:
    Grid grid_;
    std::string name_;
    int ignore_;
    DatasetHandle dataset_;
    std::unique_ptr<GDALWarpAppOptions, WarpOptionsCloser> options_;
};

}  // namespace

std::unique_ptr<LabelReader::Source> make_warped_labels(const Grid& grid, const OpenedRaster& raster,
                                                        int ignore, const std::string& difference) {
    const Georeference& from = raster.grid.georeference;
    const bool placed = !from.empty() && (!from.crs_wkt.empty() || !from.gcp_crs_wkt.empty() ||
                                          !from.rpc.empty() || !from.geolocation.empty());
    if (!placed || !grid.georeference.has_geotransform || grid.georeference.crs_wkt.empty())
        throw Error(Code::scene, raster.source.name + " is not on the grid of the scene: it " + difference +
                                     "; without a CRS on both it cannot be brought there");
    return std::make_unique<WarpedLabels>(grid, raster.source, ignore);
}

}  // namespace spectile
