#pragma once

#include <gdal_priv.h>

#include <optional>
#include <string>
#include <vector>

#include "raster/envi_header.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// What an open raster says of its bands: names, wavelengths, widths, bad bands, scale, offset, unit, type,
/// nodata.
///
/// Wavelengths are looked for in the IMAGERY domain, the band's items, the ENVI header (or ENVI domain), and
/// the band's description, in this order. `own` is our own reading of an ENVI header, where the raster has
/// one. Guesses are added to `warnings`, each beginning with `name`.
std::vector<BandInfo> read_band_metadata(GDALDataset& dataset, const std::string& name,
                                         const std::optional<EnviHeader>& own,
                                         std::vector<std::string>& warnings);

}  // namespace spectile
