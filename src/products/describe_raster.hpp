#pragma once

#include <map>
#include <string>

#include "products/gdal_dataset.hpp"
#include "products/raster_product.hpp"
#include "spectile/grid.hpp"

namespace spectile::products {

/// Writes size-independent georeference and `tags` (default domain) into a raster that has no pixels yet.
///
/// Geotransform doubles as they are, WKT2 CRS, GCPs (where there is no geotransform: GeoTIFF holds one of
/// them), RPC and GEOLOCATION domains, AREA_OR_POINT, TIFFTAG_*. Throws Error{Code::internal} for a CRS that
/// GDAL cannot read.
void describe_dataset(GDALDataset& dataset, const Georeference& georeference,
                      const std::map<std::string, std::string>& tags);

/// Nodata, scale and offset, names, colour table, categories. Wavelengths stand in three places, since no
/// reader knows them all: band items `wavelength`/`wavelength_units`, the bands' IMAGERY domain, the
/// dataset's ENVI domain.
void describe_bands(GDALDataset& dataset, const RasterFormat& format);

/// The ENVI domain's items for bands with wavelengths; empty where no band has one.
std::map<std::string, std::string> envi_items(const RasterFormat& format);

/// Opens a finished file and puts into its sidecar (.aux.xml) what the format itself could not hold: category
/// names, geolocation arrays, and a geotransform that differs from the wanted one in a single bit.
void complete_sidecar(const std::string& path, const Georeference& georeference, const RasterFormat& format);

}  // namespace spectile::products
