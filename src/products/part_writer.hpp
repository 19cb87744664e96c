#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "products/block_grid.hpp"
#include "products/raster_product.hpp"
#include "spectile/model.hpp"

namespace spectile::products {

/// What is known of a finished part's file.
struct PartRecord {
    std::string path;
    std::int64_t bytes = 0;
    std::int64_t width = 0, height = 0;
    /// XXH3 of each block's values [bands][rows][cols], row by row (block_checksums.hpp).
    std::vector<std::string> blocks;
};

/// How a part's file is written; changes none of its values.
struct PartWriting {
    /// GDAL writes in this folder where one is given, and `close` copies the file in one go: a shared file
    /// system then sees no small writes.
    std::string scratch = {};
    int threads = 1;            ///< For compression.
    ParallelFor parallel = {};  ///< For reading the file back; empty: one row of blocks after the other.
    bool compress = true;       ///< By the quickest lossless codec.
};

/// Writes one raster of one part: a tiled GTiff under a temporary name that becomes `final_path` when it is
/// whole.
///
/// Each block is written once, in a fixed order. Until `close` returns, `final_path` is untouched; a writer
/// that is destroyed before removes its temporary file.
///
/// Threads  one thread at a time.
/// Throws   Error{Code::write} naming the path (detail: GDAL's words) on a full disk or a folder that is
///          gone; Error{Code::permission}.
class PartWriter {
public:
    /// `grid` is the part's own: its blocks have a side that is a multiple of 16.
    PartWriter(const std::string& final_path, const RasterFormat& format, const BlockGrid& grid,
               PartWriting how = {});
    ~PartWriter();
    PartWriter(const PartWriter&) = delete;
    PartWriter& operator=(const PartWriter&) = delete;

    /// Values [bands][rows][width] of format.type. `y` continues where the last call ended; `rows` is a
    /// multiple of the block size, but for the last rows of the part. Throws Error{Code::internal} otherwise.
    void write_rows(std::int64_t y, std::int64_t rows, std::span<const std::byte> values);

    /// Flushes, closes, opens again and compares every block, forces the bytes to disk, renames.
    /// Throws Error{Code::internal} unless every row was written; Error{Code::verification} naming the first
    /// block that came back different.
    PartRecord close();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Whether the file of a part is there and holds the blocks of its record: how a run decides what to compute
/// again.
bool is_part_whole(const PartRecord& record, int block);

}  // namespace spectile::products
