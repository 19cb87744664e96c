#pragma once

#include <memory>
#include <string>

#include "raster/aoi.hpp"
#include "spectile/pipeline.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// Opens what a definition names as one stack of bands on one grid.
///
/// Any GDAL name will do; an ENVI header stands for its data file. Several paths are stacked (with `change`:
/// the bands before, then the bands after). With `definition.resampling` they are brought to the grid of the
/// first date, or of the raster with the smallest pixels in the first one's CRS; without, they must have one
/// size, geotransform (to a millionth of a pixel) and CRS. The bands picked by `definition.bands` count
/// through the whole stack, alpha bands included; with `change` they are picked from each date. An alpha band
/// is no band of the scene unless it is picked.
///
/// The scene is const and shared; each thread takes a reader of its own. Readers must not outlive the scene.
/// Throws Error{Code::missing}, {permission}, {scene} (not recognised, no bands, cut short, grids differ; the
/// message names both files and the difference), {definition} (band numbers, CRS).
std::unique_ptr<Scene> open_scene(const SceneDefinition& definition);

/// What a scene is called in lists: its paths, in order, with "; " between them.
std::string scene_name(const SceneDefinition& definition);

/// What stands for a scene in names of products (`{stem}`): of a file its name without folder and last
/// extension, of other GDAL names what comes nearest to that.
std::string scene_stem(const std::string& name);

}  // namespace spectile
