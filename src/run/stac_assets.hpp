#pragma once

#include "products/record.hpp"
#include "run/job.hpp"
#include "stac/product_item.hpp"

namespace spectile::run {

/// Where a grid lies, as an item has it.
stac::ItemPlace place_of(const Grid& grid);

/// A raster product with its bands and classes, without size and sum.
stac::ProductAsset raster_asset(const RasterOutput& raster);

/// A product that is no raster, by its kind and its file's extension.
stac::ProductAsset other_asset(const ProductDefinition& other);

/// Size and SHA-256 of the file.
void add_sum(stac::ProductAsset& asset, const products::RecordedFile& file);

}  // namespace spectile::run
