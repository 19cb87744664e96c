#pragma once

#include <string>
#include <vector>

#include "pipeline/rule.hpp"
#include "pipeline/yaml_text.hpp"
#include "spectile/pipeline.hpp"

namespace spectile::definition {

/// What `mosaic:` may hold: a map from kind of raster product to a file name, or to a map.
RulePtr mosaic_rule();

/// The mosaics that a checked `mosaic:` asks for, in the order written. A format that is not given follows
/// from the extension: .vrt is a VRT, .gpkg, .geojson and .fgb are tile indexes, all else is a COG. Throws
/// Error{Code::definition} where no such product is made.
std::vector<MosaicDefinition> read_mosaics(const Document& document, const Value& map,
                                           const std::string& folder,
                                           const std::vector<ProductDefinition>& products);

}  // namespace spectile::definition
