#pragma once

#include <cstdint>
#include <string>

#include "products/assemble.hpp"
#include "spectile/target_grid.hpp"

namespace spectile::products {

/// How GDAL resamples a product of this format: classes by class_resampling, counts and owners by the nearest
/// pixel, all else by resampling.
std::string resampling_of(const RasterFormat& format, const TargetGrid& target);

/// Refuses what cannot be resampled. Throws Error{Code::definition}, the message begun with `where`: rasters
/// of values without nodata (nothing could stand beside the scene), signed bytes that would be mixed on GDAL
/// before 3.7.
void check_warp(const RasterFormat& format, const TargetGrid& target, const std::string& where);

/// The job over the target's grid: its parts are warped into one file at `path` (uncompressed, sparse), which
/// the caller deletes after assembling.
///
/// Pixels that are nodata are not mixed in. The coordinates of every pixel are worked out exactly and the
/// scale is the target's, so that `memory_bytes`, which bounds the chunks, changes no pixel.
/// Throws Error{Code::write}, Error{Code::read}.
AssembleJob warp_parts(const AssembleJob& job, const TargetGrid& target, const std::string& path,
                       std::uint64_t memory_bytes);

}  // namespace spectile::products
