#pragma once

#include <string>
#include <vector>

#include "products/quicklook.hpp"

// Pictures of a raster at every second size, cut into tiles, for a page that zooms: what is seen at once is
// small, and the page holds it all as data.

namespace spectile::products {

constexpr int kPyramidTile = 256;

/// Level n has a pixel for 2^n x 2^n of the raster.
struct PyramidTile {
    int level = 0, column = 0, row = 0;
    std::string uri;  ///< "data:image/..."
};

struct Pyramid {
    int finest = 0, coarsest = 0;
    std::vector<PyramidTile> tiles;  ///< Coarse before fine; tiles without a measurement are left out.
};

/// Adds ever finer levels, down to the raster's own pixels, as long as all tiles together stay within `bytes`
/// (as data URIs) and 400: a finer level is expected to be four times as long as the one before. The coarsest
/// level, of one or a few tiles, is always there.
/// All throw Error{Code::read} naming what cannot be read.
Pyramid scene_pyramid(const SceneView& view, std::size_t bytes);
/// A class map or mask in its colours.
Pyramid class_pyramid(const std::string& path, std::size_t bytes);
/// A single band from 0 to 1 on the colour ramp.
Pyramid share_pyramid(const std::string& path, std::size_t bytes);

}  // namespace spectile::products
