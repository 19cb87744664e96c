#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/job.hpp"

namespace spectile::run {

/// How many pixels of each part are likely to be measured, for sharing the work out evenly.
struct ValidPixels {
    std::vector<std::int64_t> parts;  ///< By part index.
    std::string method;               ///< overview, sample or coverage.
};

/// Looks at the scene's first band only, without reading it all:
/// overview   where the raster has one of at least two pixels a part and direction, its pixels are counted;
/// sample     else, where single rows are cheap (raw ENVI, or at most 2^28 values in all), the pixels of up
///            to 512 rows spread over the scene are counted;
/// coverage   else a part counts as full, unless the file says that nothing is stored there or it lies
///            outside the area of interest.
/// The same scene gives the same figures on any machine.
ValidPixels estimate_valid_pixels(const Job& job);

}  // namespace spectile::run
