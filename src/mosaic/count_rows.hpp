#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "spectile/cube.hpp"

namespace spectile::mosaic {

/// What fed each pixel of a part, held by block rows. Channel 0 (tiles) adds up over tiles; the others are
/// the same in every tile that sees the pixel, and the largest is kept.
class CountRows {
public:
    CountRows(std::int64_t width, std::int64_t height, int block, int channels);

    /// `counts.window` in pixels of the part; what lies beyond the part is passed over.
    void add(const Prediction& counts);
    /// Takes a block row out as a prediction over (0, first row, width, rows), all pixels valid; zeros where
    /// nothing came.
    Prediction take(std::int64_t block_row);

private:
    std::vector<float>& row(std::int64_t block_row);
    std::int64_t rows_of(std::int64_t block_row) const;

    std::int64_t width_, height_;
    int block_, channels_;
    std::map<std::int64_t, std::vector<float>> rows_;
};

}  // namespace spectile::mosaic
