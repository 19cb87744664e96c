#include "mosaic/count_rows.hpp"

#include <algorithm>

namespace spectile::mosaic {

CountRows::CountRows(std::int64_t width, std::int64_t height, int block, int channels)
    : width_(width), height_(height), block_(block), channels_(channels) {}

std::int64_t CountRows::rows_of(std::int64_t block_row) const {
    return std::min<std::int64_t>(block_, height_ - block_row * block_);
}

std::vector<float>& CountRows::row(std::int64_t block_row) {
    auto& values = rows_[block_row];
    if (values.empty()) values.resize(static_cast<std::size_t>(channels_ * rows_of(block_row) * width_));
    return values;
}

void CountRows::add(const Prediction& counts) {
    const Window inside = intersect(counts.window, {0, 0, width_, height_});
    for (auto y = inside.y; y < inside.bottom(); ++y) {
        const auto block_row = y / block_;
        auto& values = row(block_row);
        const auto rows = rows_of(block_row);
        for (int c = 0; c < channels_; ++c) {
            const float* from = counts.channel(c).data() + (y - counts.window.y) * counts.window.width +
                                (inside.x - counts.window.x);
            float* to = values.data() + (c * rows + y - block_row * block_) * width_ + inside.x;
            for (std::int64_t x = 0; x < inside.width; ++x)
                to[x] = c == 0 ? to[x] + from[x] : std::max(to[x], from[x]);
        }
    }
}

Prediction CountRows::take(std::int64_t block_row) {
    Prediction out;
    out.reset({0, block_row * block_, width_, rows_of(block_row)}, channels_);
    out.values = std::move(row(block_row));
    std::fill(out.valid.begin(), out.valid.end(), std::uint8_t{1});
    rows_.erase(block_row);
    return out;
}

}  // namespace spectile::mosaic
