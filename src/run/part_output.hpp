#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/ledger.hpp"
#include "mosaic/blend.hpp"
#include "mosaic/block_rows.hpp"
#include "mosaic/count_rows.hpp"
#include "run/job.hpp"

namespace spectile::products {
class PartWriter;
}

namespace spectile::run {

/// What a worker made of one tile, for one part.
struct TileResult {
    Tile tile;      ///< In scene pixels.
    Window window;  ///< The scene pixels of the part that this result speaks for: keep within the part.
    bool empty = true;
    /// Why the tile could not be read, where that is to be marked and not to end the run.
    std::string failure;
    std::int64_t valid = 0;  ///< Valid pixels of `window`.
    /// Without blending: one typed [bands, rows, cols] a product.
    std::vector<std::vector<std::byte>> encoded;
    Prediction prediction;  ///< With blending.
    Prediction support;     ///< Over `window`, where a product asks for it.
};

/// A part while its tiles come in: its mosaics and its files. Belongs to one thread at a time.
class PartOutput {
public:
    /// Makes the files under temporary names in `folder` (the work directory's parts/).
    PartOutput(const Job& job, const Part& part, const std::string& work,
               const std::vector<Window>& expected);
    ~PartOutput();

    /// Takes a tile's result; block rows that are complete are written. Call in grid order.
    void add(TileResult& result);
    /// Closes, checks and renames the part's files. Throws Error{Code::write}.
    PartEntry finish();

private:
    Window to_part(Window scene_window) const;
    void write_row(std::int64_t block_row);
    void write_encoded(std::size_t product, const Prediction& rows);

    const Job& job_;
    Part part_;
    Window origin_;  ///< The part in scene pixels.
    mosaic::BlockRowCounter counter_;
    std::vector<mosaic::BlockRows> rows_;
    std::unique_ptr<mosaic::Blender> blender_;
    std::unique_ptr<mosaic::CountRows> support_;
    std::vector<std::unique_ptr<products::PartWriter>> writers_;
    std::vector<std::string> files_;
    std::int64_t valid_ = 0;
    std::vector<std::string> marked_;
};

}  // namespace spectile::run
