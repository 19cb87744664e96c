#pragma once

#include <string>
#include <vector>

#include "raster/aligned_view.hpp"
#include "raster/dataset.hpp"
#include "raster/raster_source.hpp"
#include "spectile/grid.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// One raster as opened: what its readers need and what it says of itself.
struct OpenedRaster {
    RasterSource source;
    Grid grid;
    std::vector<BandInfo> bands;  ///< All of the file's, alpha included.
    std::vector<std::string> files;
    std::vector<std::string> warnings;
};

/// Opens one raster, asks it everything and closes it again. With `alignment`, what readers will see is its
/// view on another grid (aligned_view.hpp); with `preview`, a coarse view (preview.hpp) of that, no longer
/// than so many pixels.
/// Throws Error{Code::missing}, {permission}, {scene} (not recognised, no bands, cut short).
OpenedRaster open_one(const std::string& given, const std::vector<std::string>& open_options = {},
                      int preview = 0, const Alignment* alignment = nullptr);

/// Files of an open dataset whose bytes decide pixels, georeference or metadata, the named one first, the
/// others sorted. Overviews decide nothing and are left out.
std::vector<std::string> files_of(GDALDataset& dataset, const std::string& name);

}  // namespace spectile
