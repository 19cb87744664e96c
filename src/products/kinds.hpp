#pragma once

#include <memory>

#include "products/raster_product.hpp"

namespace spectile::products {

// One maker per kind of raster product; raster_product.cpp lists them. Each throws Error{Code::definition}
// where the definition does not fit the kind or the model.

/// The most probable class of each pixel, as the value the card gives it. Ties go to the class listed first.
std::unique_ptr<RasterProduct> make_class_map(const ProductDefinition&, const ProductContext&);
/// `change_map`: a class map where the model has a channel per class, a mask where it has one channel.
std::unique_ptr<RasterProduct> make_change_map(const ProductDefinition&, const ProductContext&);
/// One band per channel. `type`: float32 (nodata -1) or uint8 (p = stored / 254, nodata 255).
std::unique_ptr<RasterProduct> make_probabilities(const ProductDefinition&, const ProductContext&);
/// Float32 in 0..1, nodata -1 (not NaN, which many programs take for a value). `measure`: max = the highest
/// probability; margin = the highest less the second; entropy = -sum p ln p / ln n, where 0 is certain and 1
/// undecided. A single channel p counts as the two classes p and 1 - p.
std::unique_ptr<RasterProduct> make_confidence(const ProductDefinition&, const ProductContext&);
/// Byte: 1 where the last channel's probability exceeds `threshold` (0.5), else 0; nodata 255. One or two
/// channels.
std::unique_ptr<RasterProduct> make_mask(const ProductDefinition&, const ProductContext&);
/// The model's channels as they are: identity gives back its input bands in the type they came in.
/// `nodata` sets the value of invalid pixels where the scene declares none.
std::unique_ptr<RasterProduct> make_bands(const ProductDefinition&, const ProductContext&);
/// UInt16, per pixel: tiles that fed it, dates and bands that were measured there, and the scene that owns it
/// (0 = none).
std::unique_ptr<RasterProduct> make_coverage(const ProductDefinition&, const ProductContext&);

}  // namespace spectile::products
