#pragma once

#include <string>

#include "run/job.hpp"
#include "run/recipe.hpp"

namespace spectile::run {

/// Refuses destinations that nothing can be written to, and mosaics over products that go away to an object
/// store. Throws Error{Code::definition}.
void check_destinations(const Pipeline& pipeline);

/// Where a product that goes to an object store is made first: under .spectile-upload in the current folder,
/// or, where the run has a work directory of its own, beside that under WORK.upload.
std::string staged_path(const std::string& object, const RunOptions& options);

/// Whether every product of the job lies in its store with this recipe. Throws Error{Code::publish} where one
/// has another, unless `options.overwrite`.
bool already_uploaded(const Job& job, const Recipe& recipe, const RunOptions& options);

/// Uploads the finished products, what describes them last, and deletes them here. Throws Error{Code::write};
/// they then stay, and the same command goes on with them.
void upload_products(const Job& job);

}  // namespace spectile::run
