#include "products/warp_parts.hpp"

#include <cpl_string.h>

#include <algorithm>
#include <cmath>

#include "gdal/resampling.hpp"
#include "products/block_checksums.hpp"
#include "products/describe_raster.hpp"
#include "products/durable_file.hpp"
#include "products/part_mosaic.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr std::int64_t kLargestChunk = 2048, kSmallestChunk = 16;

GDALResampleAlg algorithm_of(const std::string& name) {
    if (const auto algorithm = resampling_named(name)) return *algorithm;
    throw Error(Code::internal, "'" + name + "' is no resampling");
}

/// Side of the chunks that are warped at once: source and target pixels of one, with their masks, fit the
/// memory.
std::int64_t chunk_side(const RasterFormat& format, const TargetGrid& target, std::uint64_t memory_bytes) {
    const double source = 1 / (target.x_scale * target.y_scale);
    const double bytes = (static_cast<double>(size_of(format.type)) + 1) * format.bands * (1 + source);
    const auto side = static_cast<std::int64_t>(std::sqrt(static_cast<double>(memory_bytes) / bytes));
    return std::clamp(side, kSmallestChunk, kLargestChunk);
}

DatasetHandle create_target(const std::string& path, const AssembleJob& job, const Grid& grid) {
    CPLStringList options;
    for (const char* option : {"TILED=YES", "BIGTIFF=YES", "SPARSE_OK=TRUE", "INTERLEAVE=BAND", "ALPHA=NO",
                               "PHOTOMETRIC=MINISBLACK"})
        options.AddString(option);
    options.SetNameValue("BLOCKXSIZE", std::to_string(job.block).c_str());
    options.SetNameValue("BLOCKYSIZE", std::to_string(job.block).c_str());
    if (needs_signed_byte(job.format.type)) options.SetNameValue("PIXELTYPE", "SIGNEDBYTE");
    const GdalErrors errors;
    DatasetHandle dataset(driver_of("GTiff").Create(path.c_str(), static_cast<int>(grid.width),
                                                    static_cast<int>(grid.height), job.format.bands,
                                                    gdal_type_of(job.format.type), options.List()));
    if (!dataset || errors.failed()) throw_write_error(path, "cannot be created", errors.text());
    describe_dataset(*dataset, grid.georeference, {});
    for (int band = 1; job.format.nodata && band <= job.format.bands; ++band)
        dataset->GetRasterBand(band)->SetNoDataValue(*job.format.nodata);
    return dataset;
}

struct DestroyTransformer {
    void operator()(void* transformer) const { GDALDestroyGenImgProjTransformer(transformer); }
};
using Transformer = std::unique_ptr<void, DestroyTransformer>;

Transformer transformer_between(GDALDataset& from, GDALDataset& to, const CoordinateOperation& operation) {
    CPLStringList options;
    if (!operation.pipeline.empty()) options.SetNameValue("COORDINATE_OPERATION", operation.pipeline.c_str());
    const GdalErrors errors;
    Transformer transformer(GDALCreateGenImgProjTransformer2(&from, &to, options.List()));
    if (!transformer)
        throw Error(Code::internal, "no way leads to the target's grid (" + operation.name + ")",
                    errors.text());
    return transformer;
}

struct DestroyWarpOptions {
    void operator()(GDALWarpOptions* options) const { GDALDestroyWarpOptions(options); }
};
using WarpOptions = std::unique_ptr<GDALWarpOptions, DestroyWarpOptions>;

double* repeated(double value, int count) {
    auto* values = static_cast<double*>(CPLMalloc(sizeof(double) * static_cast<std::size_t>(count)));
    std::fill_n(values, count, value);
    return values;
}

WarpOptions warp_options(GDALDataset& from, GDALDataset& to, const RasterFormat& format,
                         const TargetGrid& target) {
    WarpOptions out(GDALCreateWarpOptions());
    out->hSrcDS = &from;
    out->hDstDS = &to;
    out->eResampleAlg = algorithm_of(resampling_of(format, target));
    GDALWarpInitDefaultBandMapping(out.get(), format.bands);
    if (format.nodata) {
        out->padfSrcNoDataReal = repeated(*format.nodata, format.bands);
        out->padfDstNoDataReal = repeated(*format.nodata, format.bands);
    }
    const auto set = [&](const char* name, const std::string& value) {
        out->papszWarpOptions = CSLSetNameValue(out->papszWarpOptions, name, value.c_str());
    };
    set("INIT_DEST", format.nodata ? "NO_DATA" : "0");
    set("UNIFIED_SRC_NODATA", "NO");
    set("NUM_THREADS", "1");  // GDAL before 3.12.1 shifts pixels of virtual rasters with more.
    set("XSCALE", CPLSPrintf("%.10g", target.x_scale));
    set("YSCALE", CPLSPrintf("%.10g", target.y_scale));
    // The source window of a chunk is found from points within it, not from its outline alone.
    set("SAMPLE_GRID", "YES");
    set("SOURCE_EXTRA", "8");
    return out;
}

void warp_chunks(GDALDataset& from, GDALDataset& to, const AssembleJob& job, const TargetGrid& target,
                 std::int64_t side) {
    const Transformer transformer = transformer_between(from, to, target.operation);
    const WarpOptions options = warp_options(from, to, job.format, target);
    options->pTransformerArg = transformer.get();
    options->pfnTransformer = GDALGenImgProjTransform;
    const GdalErrors errors;
    GDALWarpOperation operation;
    bool good = operation.Initialize(options.get()) == CE_None;
    const Grid& grid = target.grid;
    for (std::int64_t y = 0; good && y < grid.height; y += side)
        for (std::int64_t x = 0; good && x < grid.width; x += side) {
            const Window window = intersect({x, y, side, side}, grid.window());
            good = operation.WarpRegion(static_cast<int>(window.x), static_cast<int>(window.y),
                                        static_cast<int>(window.width),
                                        static_cast<int>(window.height)) == CE_None;
        }
    if (!good || errors.failed())
        throw_write_error(job.target, "cannot be brought to the target's grid", errors.text());
}

}  // namespace

std::string resampling_of(const RasterFormat& format, const TargetGrid& target) {
    switch (format.overviews) {
        case OverviewResampling::mode:
            return target.class_resampling;
        case OverviewResampling::nearest:
            return "near";
        case OverviewResampling::average:
            break;
    }
    return target.resampling;
}

void check_warp(const RasterFormat& format, const TargetGrid& target, const std::string& where) {
    const std::string resampling = resampling_of(format, target);
    if (!format.nodata && format.overviews != OverviewResampling::nearest)
        throw Error(Code::definition, where +
                                          "has no nodata value for the pixels of the target that lie "
                                          "beside the scene; give one with nodata");
    if (needs_signed_byte(format.type) && resampling != "near" && resampling != "mode")
        throw Error(Code::definition, where + "this GDAL cannot resample signed bytes by " + resampling +
                                          "; set target.resampling to near");
}

AssembleJob warp_parts(const AssembleJob& job, const TargetGrid& target, const std::string& path,
                       std::uint64_t memory_bytes) {
    AssembleJob out = job;
    out.grid = target.grid;
    {
        const PartMosaic mosaic({job.grid.width, job.grid.height, job.block}, job.parts);
        const auto source = mosaic.as_virtual_raster(job.format);
        describe_dataset(*source, job.grid.georeference, {});
        const auto warped = create_target(path, job, target.grid);
        warp_chunks(*source, *warped, job, target, chunk_side(job.format, target, memory_bytes));
        const GdalErrors errors;
        warped->FlushCache(true);
        if (errors.failed()) throw_write_error(path, "cannot be written", errors.text());
    }
    const auto warped = open_raster(path);
    out.parts = {{path, target.grid.window(), checksum_blocks(*warped, path, job.block)}};
    return out;
}

}  // namespace spectile::products
