#pragma once

#include <string>
#include <vector>

#include "spectile/pipeline.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// The band that a file's name tells of, the last of its words that reads like one: "B02" of
/// `T32UQD_20200101_B02_10m.jp2`, "B8A", "B5" of Landsat's; empty where none does.
std::string band_of_file_name(const std::string& path);

/// Names the bands of a scene: as the definition says, else, of a file of one nameless band, by the file's
/// name. `picked`: places of `bands` among the `all` bands of the whole stack.
/// Throws Error{Code::definition} where there are not as many names as bands.
void name_bands(std::vector<BandInfo>& bands, const SceneDefinition& definition,
                const std::vector<int>& picked, std::size_t all);

}  // namespace spectile
