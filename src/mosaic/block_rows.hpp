#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "spectile/window.hpp"

// The mosaic of a part: what lies in memory between the tiles and the file. Only the block rows that still
// receive tiles are held; a block row that is complete is handed on and freed, so memory follows the tile's
// height and not the part's. One mosaic per part; it belongs to one thread at a time.

namespace spectile::mosaic {

/// Which block rows of a part are complete, told by counting the tiles that touch each.
class BlockRowCounter {
public:
    /// `height`: of the part; `block`: rows of a block row.
    BlockRowCounter(std::int64_t height, int block);
    /// Announces a tile that will come: rows [y, y + rows) of the part.
    void expect(std::int64_t y, std::int64_t rows);
    /// A tile came; returns the block rows that this completed, from the top.
    std::vector<std::int64_t> arrived(std::int64_t y, std::int64_t rows);
    std::int64_t count() const { return static_cast<std::int64_t>(waiting_.size()); }
    /// Rows [y, height) of a block row.
    std::int64_t first_row(std::int64_t block_row) const { return block_row * block_; }
    std::int64_t rows_of(std::int64_t block_row) const;

private:
    std::int64_t height_;
    int block_;
    std::vector<std::int32_t> waiting_;
};

/// Typed pixels of one product, held by block rows: [bands, rows, width] of `value_bytes` each.
class BlockRows {
public:
    /// `nodata`: the `value_bytes` bytes that every pixel starts with.
    BlockRows(std::int64_t width, std::int64_t height, int block, int bands, std::vector<std::byte> nodata);

    /// Copies `values` ([bands, window.height, window.width]) to `window` (pixels of the part).
    void paste(const Window& window, std::span<const std::byte> values);
    /// Takes a block row out: [bands, rows, width]; nodata where nothing was pasted.
    std::vector<std::byte> take(std::int64_t block_row);
    /// Bytes held now.
    std::size_t bytes() const;

private:
    std::vector<std::byte>& row(std::int64_t block_row);
    std::int64_t rows_of(std::int64_t block_row) const;

    std::int64_t width_, height_;
    int block_, bands_;
    std::vector<std::byte> nodata_;
    std::map<std::int64_t, std::vector<std::byte>> rows_;
};

}  // namespace spectile::mosaic
