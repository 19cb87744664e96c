#pragma once

#include "products/assemble.hpp"
#include "products/part_mosaic.hpp"

namespace spectile::products {

/// Reads the finished file `result.partial_path` once, block rows at the same time: every block must be the
/// parts' block. Fills in `blocks`, and `pixels_of_value` of formats with a colour table.
///
/// Throws   Error{Code::verification} naming a block that differs, or what of the format does.
void compare_file(const AssembleJob& job, const PartMosaic& mosaic, AssembleResult& result);

}  // namespace spectile::products
