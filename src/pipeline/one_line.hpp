#pragma once

#include <string>
#include <vector>

#include "pipeline/known_names.hpp"
#include "spectile/pipeline.hpp"

namespace spectile {

/// What `spectile classify|segment|detect|label SCENE... -m MODEL -o OUT` and `spectile change BEFORE AFTER`
/// say.
struct OneLine {
    Task task = Task::classification;  ///< Of the verb.
    std::vector<std::string> scenes;   ///< As written; relative to the current folder. Two for change.
    bool stack = false;                ///< The scenes are rasters of one.
    std::string model;                 ///< Folder.
    std::string output;                ///< File, pattern with {stem}, or folder.
};

/// The pipeline's text, as `run` would read it: the verb's own product at `output` and a report beside it.
///
/// A folder (there already, ending in a slash, or without extension where there are several scenes) gets
/// files named after the scenes. The identity model gives `bands` whatever the verb. `detect` writes
/// features, or a mask where the extension is a raster's. Reads the model card. Throws Error{Code::usage}
/// where scenes are too many or too few, `output` needs a {stem}, or the model does another task; as
/// read_model_card does.
std::string one_line_text(const OneLine& line);

/// The pipeline itself; `sets` as in read_pipeline.
Pipeline one_line(const OneLine& line, const std::vector<std::string>& sets = {},
                  const KnownNames& known = {});

}  // namespace spectile
