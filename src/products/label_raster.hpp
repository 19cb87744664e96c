#pragma once

#include "products/assemble.hpp"
#include "products/labels.hpp"

namespace spectile::products {

/// The coarse raster of a `labels` product: `NAME.tiles.tif` beside `NAME.gpkg`.
std::string label_raster_path(const std::string& product);

/// How tiles lie among the pixels of the scores: tile 0 begins at (x, y), and they step by (width, height).
using TileSteps = Window;

/// The grid whose pixels are tiles: those in the columns and rows of `tiles`.
Grid tile_pixels(const Grid& scores, const TileSteps& steps, const Window& tiles);

/// What the coarse raster is made of.
struct LabelRaster {
    const ProductDefinition& definition;
    const ProductContext& context;
    const LabelledTiles& tiles;
    TileSteps steps;
};

/// The coarse raster as one part, written to `part`: `job` gets its grid, format and parts.
///
/// A model whose classes exclude each other gives a class map; another one band per class, 1 where its score
/// exceeds the threshold, else 0, nodata 255. Tiles without a measured pixel are nodata. A pixel is one step
/// of the tile grid, so that the last of a row or column may reach beyond the scene: its window was shifted
/// inward and ends at the scene's edge.
void write_label_raster(const LabelRaster& raster, const std::string& part, AssembleJob& job);

}  // namespace spectile::products
