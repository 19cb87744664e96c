#pragma once

#include <string>

#include "products/raster_product.hpp"

// Styles for QGIS (QML, the symbology of a layer): a file of the product's stem beside the product, which
// QGIS applies when the product is opened.

namespace spectile::products {

/// `map.qml` for `map.tif`.
std::string style_path(const std::string& product);

/// Classes in their colours and by their names, or the first band on the ramp of the report where the format
/// has a range; empty where QGIS's own choice is as good.
std::string raster_style(const RasterFormat& format);

/// Outlines of detections without a fill, labelled by their greatest score.
std::string detections_style();

/// Outlines of tiles, labelled by the names of their classes.
std::string labels_style();

/// Whether `path` is free or holds a style of ours. A style that QGIS saved is the user's and stays.
bool may_write_style(const std::string& path);

/// The style of ours beside a product; empty where there is none, or it is the user's.
std::string style_beside(const std::string& product);

}  // namespace spectile::products
