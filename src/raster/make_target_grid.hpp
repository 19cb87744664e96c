#pragma once

#include <string>

#include "spectile/pipeline.hpp"
#include "spectile/target_grid.hpp"

namespace spectile {

/// The grid that holds all of `source` after it was brought to the definition's CRS: as gdalwarp lays it with
/// -tr and -tap, its lines at multiples of the resolution.
///
/// Throws Error{Code::definition} for a CRS that is none and a resolution that makes no grid,
/// Error{Code::scene} where the source lies nowhere or no operation leads there (coordinate_operation.hpp);
/// `name` is the source's, for messages.
TargetGrid make_target_grid(const Grid& source, const TargetDefinition& definition, const std::string& name);

}  // namespace spectile
