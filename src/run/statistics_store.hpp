#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "spectile/step.hpp"

namespace spectile::run {

/// Whole-scene statistics of a step, kept in the work directory: a resumed run, and the shards that follow
/// the statistics job, read them instead of the scene. The numbers are stored exactly.
///
/// Nothing where there is no file, or one that is damaged or cut short.
std::optional<std::vector<BandStatistics>> stored_statistics(const std::string& work, std::size_t step);
/// Throws Error{Code::write}, Error{Code::permission}.
void store_statistics(const std::string& work, std::size_t step, const std::vector<BandStatistics>& bands);

}  // namespace spectile::run
