#pragma once

#include <map>
#include <string>
#include <vector>

#include "products/part_mosaic.hpp"
#include "products/raster_product.hpp"
#include "spectile/grid.hpp"

namespace spectile::products {

/// How the final file of a raster product is stored and described.
struct FinalRaster {
    const std::string& driver;
    const std::vector<std::string>& options;
    int block;
    int threads;
    const std::string& path;
    const RasterFormat& format;
    const Georeference& georeference;
    std::map<std::string, std::string> tags;
};

/// Writes the mosaic with GTiff block by block in a fixed order, with any other driver by copying a virtual
/// raster. Throws Error{Code::write}, Error{Code::permission}.
void write_final_raster(const FinalRaster& raster, PartMosaic& mosaic);

}  // namespace spectile::products
