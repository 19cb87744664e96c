#pragma once

#include <string>
#include <vector>

#include "spectile/scene.hpp"

namespace spectile {

/// What is known of a raster, as JSON: everything that `gdalinfo -json` says, and under "spectile" what we
/// make of it (wavelengths, bad bands, scale, storage, georeference, warnings). One document, UTF-8, indented
/// by two.
///
/// Types that no network takes are described like any other. Throws Error{Code::missing}, {permission},
/// {scene}.
std::string scene_info_json(const std::string& name, const std::vector<std::string>& open_options = {});

/// The same for people: one screen, then a line per band. Throws as above.
std::string scene_info_text(const std::string& name, const std::vector<std::string>& open_options = {});

}  // namespace spectile
