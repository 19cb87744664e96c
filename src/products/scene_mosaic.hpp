#pragma once

#include <string>
#include <vector>

#include "spectile/pipeline.hpp"

namespace spectile::products {

/// What is joined over several scenes.
struct SceneMosaic {
    MosaicDefinition definition;
    /// Finished products (of `detections`: vectors), in the order of the scenes.
    std::vector<std::string> rasters;
    std::vector<std::string> scenes;  ///< Names of the scenes, as many.
    std::string where;                ///< Of the definition, for messages.
};

/// Whether the mosaic is a table of where the products lie: its format holds vectors.
bool is_tile_index(const MosaicDefinition& definition);

/// Writes the mosaic as `target`, from where it will be renamed to the definition's path, and returns the
/// files that it consists of, `target` first. A VRT must lie in the folder where it will stay.
///
/// One raster: GDAL's warper brings every scene to the common grid (lines at multiples of the resolution),
/// and where scenes overlap the first or the last that has measured counts. VRT: refers to the products,
/// relative to its own folder; all must have one CRS. A tile index: a feature a scene with its outline,
/// `location` and `scene`. Detections: one table of them (detection_table.hpp). The same products give the
/// same bytes. Throws Error{Code::definition} for what the definition asks and the products do not allow,
/// Error{Code::write}.
std::vector<std::string> write_scene_mosaic(const SceneMosaic& mosaic, const std::string& target);

}  // namespace spectile::products
