#pragma once

#include <string>
#include <vector>

#include "run/job.hpp"

namespace spectile::run {

/// What a look at a sample of the scene told.
struct AuditResult {
    std::vector<std::string> warnings;
    std::vector<std::string> rows;  ///< For the report.
};

/// Reads a fixed sample of windows (at most 16, spread over the wanted part of the scene) and compares the
/// values with what the card expects: wrong units are refused (Error{Code::scene}), dead bands and odd values
/// are warned of, or refused with `strict`.
AuditResult audit_scene(const Job& job, bool strict);

}  // namespace spectile::run
