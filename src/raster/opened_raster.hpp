#pragma once

#include <string>
#include <vector>

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

/// Opens one raster, asks it everything and closes it again. With `preview`, what readers will see is its
/// coarse view (preview.hpp) no longer than that.
/// Throws Error{Code::missing}, {permission}, {scene} (not recognised, no bands, cut short).
OpenedRaster open_one(const std::string& given, const std::vector<std::string>& open_options = {},
                      int preview = 0);

/// Files of an open dataset whose bytes decide pixels, georeference or metadata, the named one first, the
/// others sorted. Overviews decide nothing and are left out.
std::vector<std::string> files_of(GDALDataset& dataset, const std::string& name);

}  // namespace spectile
