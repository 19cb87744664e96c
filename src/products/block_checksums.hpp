#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "products/block_grid.hpp"
#include "products/gdal_dataset.hpp"
#include "spectile/model.hpp"
#include "spectile/window.hpp"

// A block's checksum is the XXH3 of its values as they are in memory, [bands][rows][cols] clipped to the
// raster: the same whatever the driver, codec, interleave or part size. Blocks are numbered row by row.

namespace spectile::products {

/// Called with one band of one block: index, band from 0, values.
using BlockVisitor =
    std::function<void(std::int64_t index, int band, const void* values, std::size_t pixels)>;

/// Reads every block of the raster in order and gives the checksums.
///
/// Memory   one band of one block, beyond GDAL's cache.
/// Throws   Error{Code::read} naming `path`, band and window.
std::vector<std::string> checksum_blocks(GDALDataset& dataset, const std::string& path, int block,
                                         const BlockVisitor& visit = {});

/// What a file's blocks should be.
struct ExpectedBlocks {
    BlockGrid grid;
    const std::vector<std::string>& checksums;
    const ParallelFor& parallel;  ///< Rows of blocks are read side by side; empty: one after the other.
};

/// Reads every block once, and gives the window of the first that is not as expected. `visit` may be called
/// from several threads at once.
///
/// Throws   Error{Code::read} naming `path`, band and window.
std::optional<Window> first_difference(const std::string& path, const ExpectedBlocks& expected,
                                       const BlockVisitor& visit = {});

/// Of one block.
std::string checksum_block(GDALDataset& dataset, const std::string& path, const Window& window,
                           std::int64_t index, const BlockVisitor& visit = {});

}  // namespace spectile::products
