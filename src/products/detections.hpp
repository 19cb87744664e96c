#pragma once

#include <cstdint>
#include <string>

#include "spectile/grid.hpp"
#include "spectile/pipeline.hpp"
#include "spectile/target_grid.hpp"

namespace spectile::products {

/// Where detections come from and go to.
struct DetectionFiles {
    std::string scores;  ///< Finished raster of probabilities, last band, float32 or uint8 with a scale.
    std::string target;  ///< File to write; the extension or the definition's format names the driver.
    Grid grid;           ///< Of the scores.
    std::string scene;   ///< Stem, for the column of that name.
    const TargetGrid* onto = nullptr;  ///< Whose CRS the features come in; null: the grid's.
};

/// Writes one feature for each 8-connected set of pixels whose score exceeds `threshold`: outline
/// (MultiPolygon), centroid in the scene's CRS and in longitude and latitude, area in pixels and square
/// metres, mean and greatest score, bounding box.
///
/// With a target, outlines, centroids and boxes are brought to its CRS; what is a feature, and its area, is
/// still read off the scene's own pixels. Where the grid has no geotransform, or no CRS, coordinates are
/// those of pixels (columns to the right, rows down); the column `units` says which. Features come in the
/// order of their boxes, row by row, and the bytes depend on the scores alone. Returns how many there are.
///
/// Throws Error{Code::definition} for an unknown extension or a driver that cannot write vectors,
/// Error{Code::read}, Error{Code::write}.
std::int64_t write_detections(const ProductDefinition& definition, const DetectionFiles& files);

}  // namespace spectile::products
