#pragma once

#include <string>
#include <vector>

#include "products/raster_product.hpp"

namespace spectile::products {

/// Colour table and category names, both dense from 0 up to the highest class value.
///
/// Values between classes are named "" and coloured black; `nodata` is transparent.
/// Throws Error{Code::model} for values outside 0..65535, values given twice, and a nodata that is a class's
/// value.
void describe_classes(const ModelCard& card, RasterFormat& format);

/// One name per channel: the classes' names where there is one per channel, else "class 1", "class 2", ...
std::vector<std::string> channel_names(const ModelCard& card, int channels);

}  // namespace spectile::products
