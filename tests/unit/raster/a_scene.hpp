#pragma once

#include <string>
#include <vector>

#include "raster/open_scene.hpp"

namespace spectile {

/// The definition of a scene of these rasters, with nothing else said.
inline SceneDefinition scene_of_files(const std::vector<std::string>& paths) {
    SceneDefinition definition;
    definition.paths = paths;
    return definition;
}
inline SceneDefinition scene_of(const std::string& path) { return scene_of_files({path}); }

inline SceneInfo info_of(const std::string& path) { return open_scene(scene_of(path))->info(); }

}  // namespace spectile
