#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "raster/input_hash.hpp"
#include "run/job.hpp"

namespace spectile::run {

/// Hashes every file that the run reads (scene, mask, area of interest). A file whose path, size and time
/// agree with what the work directory, the manifest, or the provenance of a product that is there remembers
/// is not read again.
InputHash hash_scene(const Job& job, const std::string& work, const RunOptions& options);

/// Keeps the hashes in the work directory for the next run.
void remember_inputs(const InputHash& inputs, const std::string& work);

/// [{path, bytes, modified, sha256}], as the work directory and `execution` hold them.
nlohmann::json to_json(const InputHash& inputs);

}  // namespace spectile::run
