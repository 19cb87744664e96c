#include "raster/aligned_view.hpp"

#include <cpl_string.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>

#include "gdal/errors.hpp"
#include "gdal/resampling.hpp"
#include "raster/coordinate_operation.hpp"
#include "raster/dataset.hpp"
#include "raster/georeference.hpp"
#include "raster/warp_scale.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

constexpr const char* kAlignedFolder = "/vsimem/spectile-aligned-";
constexpr double kNoNodata = -123456.789;  ///< As gdalwarp marks bands without one among bands that have one.

struct DestroyWarp {
    void operator()(GDALWarpOptions* options) const {
        if (options->pTransformerArg) GDALDestroyGenImgProjTransformer(options->pTransformerArg);
        GDALDestroyWarpOptions(options);
    }
};
using WarpSettings = std::unique_ptr<GDALWarpOptions, DestroyWarp>;

GDALResampleAlg algorithm_named(const std::string& name) {
    const auto algorithm = resampling_named(name);
    if (algorithm && *algorithm != GRA_Mode) return *algorithm;
    throw Error(Code::definition,
                "resampling: '" + name + "' is none of near, bilinear, cubic, cubicspline, lanczos, average");
}

CoordinateOperation operation_between(const Grid& from, const Alignment& alignment, const std::string& name) {
    const Georeference &source = from.georeference, &target = alignment.onto.georeference;
    for (const auto& [georeference, which] : {std::pair{&source, &name}, {&target, &alignment.onto_name}})
        if (!georeference->has_geotransform)
            throw Error(Code::scene,
                        *which + ": is georeferenced by " + georeference_kind(*georeference) +
                            ", and resampling needs a geotransform; warp it beforehand (gdalwarp)");
    if (source.crs_wkt.empty() != target.crs_wkt.empty())
        throw Error(Code::scene,
                    (source.crs_wkt.empty() ? name : alignment.onto_name) +
                        ": has no CRS, and the raster that it goes with has one; give it its CRS "
                        "(gdal_edit.py -a_srs)");
    if (source.crs_wkt.empty()) return {};
    return choose_operation(source.crs_wkt, target.crs_wkt, degrees_of(from), name + ": ");
}

/// From pixels of the source to those of `onto`, without GDAL's interpolation between the ends of a line.
void* transformer_onto(GDALDataset& source, const Grid& from, const Alignment& alignment,
                       const std::string& name) {
    const CoordinateOperation operation = operation_between(from, alignment, name);
    CPLStringList options;
    if (!operation.pipeline.empty()) {
        options.SetNameValue("SRC_SRS", from.georeference.crs_wkt.c_str());
        options.SetNameValue("DST_SRS", alignment.onto.georeference.crs_wkt.c_str());
        options.SetNameValue("COORDINATE_OPERATION", operation.pipeline.c_str());
    }
    void* transformer = GDALCreateGenImgProjTransformer2(&source, nullptr, options.List());
    if (!transformer) throw Error(Code::scene, name + ": no way leads to the grid of " + alignment.onto_name);
    GDALSetGenImgProjTransformerDstGeoTransform(transformer, alignment.onto.georeference.geotransform.data());
    return transformer;
}

void set_option(GDALWarpOptions& warp, const char* name, const std::string& value) {
    warp.papszWarpOptions = CSLSetNameValue(warp.papszWarpOptions, name, value.c_str());
}

/// One ratio for the whole raster: GDAL would work out another for each window.
void fix_scales(GDALWarpOptions& warp, const Grid& onto) {
    const double col = std::floor(static_cast<double>(onto.width) / 2),
                 row = std::floor(static_cast<double>(onto.height) / 2);
    double x[3] = {col, col + 1, col}, y[3] = {row, row, row + 1}, z[3] = {0, 0, 0};
    int good[3] = {0, 0, 0};
    GDALGenImgProjTransform(warp.pTransformerArg, TRUE, 3, x, y, z, good);
    const bool known = good[0] && good[1] && good[2];
    const double across = known ? warp_scale(std::hypot(x[1] - x[0], x[2] - x[0])) : 1,
                 down = known ? warp_scale(std::hypot(y[1] - y[0], y[2] - y[0])) : 1;
    set_option(warp, "XSCALE", CPLSPrintf("%.17g", across));
    set_option(warp, "YSCALE", CPLSPrintf("%.17g", down));
}

void set_nodata(GDALWarpOptions& warp, GDALDataset& source) {
    const auto list = [&] {
        return static_cast<double*>(CPLMalloc(sizeof(double) * static_cast<std::size_t>(warp.nBandCount)));
    };
    std::string begin;
    double *from = list(), *to = list();
    bool any = false;
    for (int i = 0; i < warp.nBandCount; ++i) {
        int has = 0;
        const double value = source.GetRasterBand(i + 1)->GetNoDataValue(&has);
        from[i] = to[i] = has != 0 ? value : kNoNodata;
        begin += std::string(i > 0 ? "," : "") + (has != 0 ? CPLSPrintf("%.17g", value) : "0");
        any = any || has != 0;
    }
    warp.padfSrcNoDataReal = any ? from : nullptr;
    warp.padfDstNoDataReal = any ? to : nullptr;
    if (!any) CPLFree(from), CPLFree(to);
    set_option(warp, "INIT_DEST", begin);
    set_option(warp, "UNIFIED_SRC_NODATA", "NO");
}

WarpSettings settings_for(GDALDataset& source, const Grid& from, const Alignment& alignment,
                          const std::string& name) {
    WarpSettings warp(GDALCreateWarpOptions());
    const int all = source.GetRasterCount();
    const bool alpha = source.GetRasterBand(all)->GetColorInterpretation() == GCI_AlphaBand && all > 1;
    warp->hSrcDS = &source;
    warp->eResampleAlg = algorithm_named(alignment.resampling);
    GDALWarpInitDefaultBandMapping(warp.get(), alpha ? all - 1 : all);
    warp->nSrcAlphaBand = alpha ? all : 0;
    warp->nDstAlphaBand = warp->nBandCount + 1;
    warp->pTransformerArg = transformer_onto(source, from, alignment, name);
    warp->pfnTransformer = GDALGenImgProjTransform;
    set_nodata(*warp, source);
    fix_scales(*warp, alignment.onto);
    set_option(*warp, "NUM_THREADS", "1");  // GDAL before 3.12.1 shifts pixels of virtual rasters with more.
    set_option(*warp, "ERROR_OUT_IF_EMPTY_SOURCE_WINDOW", "FALSE");  // Beside the raster: no measurement.
    set_option(*warp, "SAMPLE_GRID", "YES");
    set_option(*warp, "SOURCE_EXTRA", "8");
    return warp;
}

void refuse_signed_bytes(GDALDataset& source, const std::string& name) {
    for (int i = 1; i <= source.GetRasterCount(); ++i)
        if (data_type_of(*source.GetRasterBand(i)) == DataType::Int8)
            throw Error(Code::scene, name +
                                         ": signed bytes cannot be brought to another grid; make them Int16 "
                                         "first (gdal_translate -ot Int16)");
}

}  // namespace

std::string aligned_view(GDALDataset& dataset, const std::string& name, const Alignment& alignment) {
    static std::atomic<unsigned> count{0};
    refuse_signed_bytes(dataset, name);
    const GdalErrors errors;
    const WarpSettings warp = settings_for(dataset, read_grid(dataset), alignment, name);
    const Grid& onto = alignment.onto;
    auto geotransform = onto.georeference.geotransform;
    const DatasetHandle view(GDALDataset::FromHandle(
        GDALCreateWarpedVRT(&dataset, static_cast<int>(onto.width), static_cast<int>(onto.height),
                            geotransform.data(), warp.get())));
    if (!view) throw Error(Code::scene, name + ": cannot be brought to another grid", errors.text());
    warp->pTransformerArg = nullptr;  // The view's now.
    view->SetProjection(onto.georeference.crs_wkt.c_str());
    const std::string target =
        kAlignedFolder + std::to_string(++count) + "/" + std::filesystem::path(name).stem().string() + ".vrt";
    view->SetDescription(target.c_str());
    view->FlushCache(true);
    return target;
}

bool is_aligned_view(const std::string& name) { return name.starts_with(kAlignedFolder); }

}  // namespace spectile
