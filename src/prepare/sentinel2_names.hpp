#pragma once

#include <string>

namespace spectile::prepare {

/// "B2" for b2, B02 and b02, "B8A" for B8a: Sentinel-2's band as its own products, BigEarthNet, GDAL and
/// others write it; empty for anything else.
std::string sentinel2_name(const std::string& name);

}  // namespace spectile::prepare
