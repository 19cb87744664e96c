#pragma once

#include <functional>
#include <string>

#include "spectile/run.hpp"

namespace spectile::run {

/// Runs `body` and tells of it in the work directory, for `spectile status`: how far it is, and how it ended.
/// The options handed to `body` are `options` with their progress listened to.
void watch_attempt(const std::string& work, const RunOptions& options,
                   const std::function<void(const RunOptions&)>& body);

}  // namespace spectile::run
