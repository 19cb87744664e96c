#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "products/block_checksums.hpp"
#include "products/gdal_dataset.hpp"
#include "products/raster_product.hpp"
#include "products/stored_part.hpp"

namespace spectile::products {

/// The parts of one raster product, seen as one raster.
class PartMosaic {
public:
    /// Throws Error{Code::internal} unless the parts cover every block of the grid exactly once.
    PartMosaic(BlockGrid grid, std::vector<StoredPart> parts);

    const BlockGrid& grid() const { return grid_; }
    /// Checksums of the whole raster's blocks, row by row.
    const std::vector<std::string>& blocks() const { return blocks_; }
    /// Values of one band (from 0) into `out`, whose lines are `line_pixels` long. Throws Error{Code::read}.
    void read(const Window& window, int band, GDALDataType type, std::byte* out, std::int64_t line_pixels);
    /// A virtual raster of the part files; pixels only. It opens files as it needs them.
    DatasetHandle as_virtual_raster(const RasterFormat& format) const;

private:
    GDALDataset& open(std::size_t part);
    std::vector<std::size_t> touching(const Window& window) const;

    BlockGrid grid_;
    std::vector<StoredPart> parts_;
    std::vector<std::size_t> owner_;  ///< Part of each block.
    std::vector<std::string> blocks_;
    std::list<std::pair<std::size_t, DatasetHandle>> open_;  ///< Most recently used first.
    std::size_t most_open_ = 1;
};

}  // namespace spectile::products
