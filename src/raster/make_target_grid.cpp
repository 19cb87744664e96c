#include "raster/make_target_grid.hpp"

#include <cpl_string.h>
#include <fmt/format.h>
#include <gdal_alg.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "gdal/errors.hpp"
#include "gdal/setup.hpp"
#include "raster/coordinate_operation.hpp"
#include "raster/dataset.hpp"
#include "raster/georeference.hpp"
#include "raster/warp_scale.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

/// A corner within this share of a pixel of a line of the grid lies on it: rounding makes no row of its own.
constexpr double kOnLine = 1e-6;

std::string place_of(const TargetDefinition& definition) {
    const auto& mark = definition.mark;
    return mark.line > 0 ? mark.file + ":" + std::to_string(mark.line) + ": target." : "target.";
}

std::string wanted_crs(const Grid& source, const TargetDefinition& definition) {
    if (definition.crs.empty()) return source.georeference.crs_wkt;
    try {
        const OGRSpatialReference crs = crs_of(definition.crs);
        return wkt2_of(&crs);
    } catch (const Error& error) {
        throw Error(Code::definition, place_of(definition) + "crs: " + error.what(), error.detail());
    }
}

/// From pixels of the source to the target's CRS, or, with a grid, to its pixels; exact, without GDAL's
/// interpolation between the ends of a line.
class PixelTransformer {
public:
    PixelTransformer(const Grid& source, const std::string& target_crs, const std::string& pipeline)
        : dataset_(GetGDALDriverManager()->GetDriverByName("VRT")->Create(
              "", static_cast<int>(source.width), static_cast<int>(source.height), 0, GDT_Byte, nullptr)) {
        auto geotransform = source.georeference.geotransform;
        dataset_->SetGeoTransform(geotransform.data());
        CPLStringList options;
        if (!pipeline.empty()) {
            options.SetNameValue("SRC_SRS", source.georeference.crs_wkt.c_str());
            options.SetNameValue("DST_SRS", target_crs.c_str());
            options.SetNameValue("COORDINATE_OPERATION", pipeline.c_str());
        }
        transformer_ = GDALCreateGenImgProjTransformer2(dataset_.get(), nullptr, options.List());
    }
    ~PixelTransformer() {
        if (transformer_) GDALDestroyGenImgProjTransformer(transformer_);
    }
    PixelTransformer(const PixelTransformer&) = delete;
    PixelTransformer& operator=(const PixelTransformer&) = delete;

    /// xmin, ymin, xmax, ymax of the whole source.
    bool extent(double* box) const {
        double geotransform[6];
        int width = 0, height = 0;
        return transformer_ && GDALSuggestedWarpOutput2(dataset_.get(), GDALGenImgProjTransform, transformer_,
                                                        geotransform, &width, &height, box, 0) == CE_None;
    }
    /// From the target's CRS to pixels of the source.
    bool to_source(double& x, double& y) const {
        double z = 0;
        int good = 0;
        return GDALGenImgProjTransform(transformer_, TRUE, 1, &x, &y, &z, &good) && good;
    }

private:
    DatasetHandle dataset_;
    void* transformer_ = nullptr;
};

void fill_scales(TargetGrid& target, const PixelTransformer& transformer) {
    const auto& t = target.grid.georeference.geotransform;
    const double x = t[0] + t[1] * std::floor(static_cast<double>(target.grid.width) / 2);
    const double y = t[3] + t[5] * std::floor(static_cast<double>(target.grid.height) / 2);
    double at[2] = {x, y}, right[2] = {x + t[1], y}, below[2] = {x, y + t[5]};
    if (!transformer.to_source(at[0], at[1]) || !transformer.to_source(right[0], right[1]) ||
        !transformer.to_source(below[0], below[1]))
        return;
    target.x_scale = warp_scale(std::hypot(right[0] - at[0], below[0] - at[0]));
    target.y_scale = warp_scale(std::hypot(right[1] - at[1], below[1] - at[1]));
}

Grid snapped_grid(const double* box, const TargetDefinition& definition, const std::string& crs) {
    const double side = definition.resolution;
    const double left = std::floor(box[0] / side + kOnLine), right = std::ceil(box[2] / side - kOnLine);
    const double bottom = std::floor(box[1] / side + kOnLine), top = std::ceil(box[3] / side - kOnLine);
    const double width = right - left, height = top - bottom;
    constexpr double kMost = std::numeric_limits<int>::max();
    const bool too_coarse = box[2] - box[0] < side / 2 && box[3] - box[1] < side / 2;
    if (too_coarse || !(width >= 1 && height >= 1 && width <= kMost && height <= kMost))
        throw Error(
            Code::definition,
            place_of(definition) +
                fmt::format("resolution: {:.17g} does not fit a scene that measures {:.6g} x {:.6g} in "
                            "the units of the crs",
                            side, box[2] - box[0], box[3] - box[1]));
    Grid grid;
    grid.width = static_cast<std::int64_t>(width);
    grid.height = static_cast<std::int64_t>(height);
    grid.georeference.crs_wkt = crs;
    grid.georeference.has_geotransform = true;
    grid.georeference.geotransform = {left * side, side, 0, top * side, 0, -side};
    return grid;
}

}  // namespace

TargetGrid make_target_grid(const Grid& source, const TargetDefinition& definition, const std::string& name) {
    start_gdal();
    const Georeference& from = source.georeference;
    if (!from.has_geotransform)
        throw Error(Code::scene, name + ": is georeferenced by " + georeference_kind(from) +
                                     ", target needs a geotransform; warp it beforehand (gdalwarp)");
    if (!definition.crs.empty() && from.crs_wkt.empty())
        throw Error(Code::scene, name + ": has no CRS, so that it cannot be brought to " + definition.crs +
                                     "; leave target.crs out, or give the scene its CRS");
    const std::string crs = wanted_crs(source, definition);
    TargetGrid target;
    target.crs_name = crs_name(crs);
    target.resolution = definition.resolution;
    target.resampling = definition.resampling;
    target.class_resampling = definition.class_resampling;
    if (!definition.crs.empty())
        target.operation = choose_operation(from.crs_wkt, crs, degrees_of(source), name + ": ");
    const GdalErrors errors;
    const PixelTransformer transformer(source, crs, target.operation.pipeline);
    double box[4];
    if (!transformer.extent(box))
        throw Error(Code::scene, name + ": cannot be brought to " + definition.crs, errors.text());
    target.grid = snapped_grid(box, definition, crs);
    target.grid.georeference.tiff_tags = from.tiff_tags;
    fill_scales(target, transformer);
    return target;
}

}  // namespace spectile
