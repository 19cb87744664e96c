#pragma once

#include <string>
#include <vector>

#include "pipeline/known_names.hpp"
#include "spectile/pipeline.hpp"

namespace spectile {

/// The validated pipeline of a YAML file, after `--set key.path=value` texts and `${NAME}` variables.
///
/// Files are made absolute against the file's folder, other GDAL names left alone. Nothing but the
/// definition, and the CSV or STAC file that lists its scenes, is opened. A pipeline-wide aoi or mask stands
/// in every scene without one. Throws Error{Code::definition} with file, line, key path and what was
/// expected; Error{Code::missing} for a file that is not there; Error{Code::usage} for a malformed setting.
Pipeline read_pipeline(const std::string& file, const std::vector<std::string>& sets,
                       const KnownNames& known = {});

/// The same from text, as if it stood in a file `name`.
Pipeline read_pipeline_text(const std::string& text, const std::string& name,
                            const std::vector<std::string>& sets, const KnownNames& known = {});

/// Throws Error{Code::definition} where several scenes would write to one file: a product path without
/// `{stem}`, or two scenes of one stem.
void check_product_paths(const Pipeline& pipeline);

}  // namespace spectile
