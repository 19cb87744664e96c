#pragma once

#include <string>
#include <vector>

#include "pipeline/value.hpp"
#include "spectile/error.hpp"
#include "spectile/pipeline.hpp"

namespace spectile::definition {

/// A pattern matches no file: a fault, unless a folder is watched that is empty for now.
class NoScenes : public Error {
public:
    using Error::Error;
};

/// The scenes that `scenes:` names: a list, a pattern, a CSV with a column `path` (or `before` and `after`),
/// or STAC items. Names in a CSV or STAC file are relative to that file. A pattern's files come in byte order
/// of their names.
///
/// Throws Error{Code::missing} where a pattern meets nothing, Error{document.code} for files of another form.
std::vector<SceneDefinition> read_scenes(const Document& document, const Value& value,
                                         const std::string& folder);

/// Scenes of a CSV text; `folder` is its own.
std::vector<SceneDefinition> scenes_from_csv(const std::string& text, const std::string& file,
                                             const std::string& folder);
/// The scene of one STAC item, read from `file` in `folder`.
SceneDefinition scene_from_stac_item(const nlohmann::json& item, const std::string& file,
                                     const std::string& folder, const std::vector<std::string>& wanted);
/// Scenes of a STAC item or item collection. `assets` empty: those with the role data, else all rasters.
std::vector<SceneDefinition> scenes_from_stac(const std::string& text, const std::string& file,
                                              const std::string& folder,
                                              const std::vector<std::string>& assets);

}  // namespace spectile::definition
