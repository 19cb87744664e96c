#pragma once

#include <string>
#include <vector>

#include "products/assemble.hpp"
#include "run/computed.hpp"

namespace spectile::run {

/// The HTML report of a run, made from the assembled rasters before they are published.
std::string report_html(const Computed& computed, const std::vector<products::AssembleResult>& rasters,
                        const RunReport& report);

}  // namespace spectile::run
