#pragma once

#include <string>
#include <vector>

namespace spectile::products {

/// Rasters that a tile index lists.
struct TileIndex {
    std::vector<std::string> rasters;
    std::vector<std::string> scenes;  ///< What each was made of, as many.
    std::string driver;               ///< GPKG, GeoJSON, FlatGeobuf, ...
};

/// Writes the rasters' outlines, in the CRS of the first, with `location` (as gdaltindex names it; relative
/// to the index's folder) and `scene`. Throws Error{Code::write}, Error{Code::scene} where an outline cannot
/// be brought into that CRS.
void write_tile_index(const TileIndex& index, const std::string& folder, const std::string& target);

}  // namespace spectile::products
