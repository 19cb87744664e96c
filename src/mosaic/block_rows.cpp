#include "mosaic/block_rows.hpp"

#include <algorithm>
#include <cstring>

namespace spectile::mosaic {

BlockRowCounter::BlockRowCounter(std::int64_t height, int block)
    : height_(height), block_(block), waiting_(static_cast<std::size_t>((height + block - 1) / block)) {}

std::int64_t BlockRowCounter::rows_of(std::int64_t block_row) const {
    return std::min<std::int64_t>(block_, height_ - block_row * block_);
}

void BlockRowCounter::expect(std::int64_t y, std::int64_t rows) {
    for (auto r = y / block_; r <= (y + rows - 1) / block_; ++r) ++waiting_[static_cast<std::size_t>(r)];
}

std::vector<std::int64_t> BlockRowCounter::arrived(std::int64_t y, std::int64_t rows) {
    std::vector<std::int64_t> complete;
    for (auto r = y / block_; r <= (y + rows - 1) / block_; ++r)
        if (--waiting_[static_cast<std::size_t>(r)] == 0) complete.push_back(r);
    return complete;
}

BlockRows::BlockRows(std::int64_t width, std::int64_t height, int block, int bands,
                     std::vector<std::byte> nodata)
    : width_(width), height_(height), block_(block), bands_(bands), nodata_(std::move(nodata)) {}

std::int64_t BlockRows::rows_of(std::int64_t block_row) const {
    return std::min<std::int64_t>(block_, height_ - block_row * block_);
}

std::vector<std::byte>& BlockRows::row(std::int64_t block_row) {
    auto [it, fresh] = rows_.try_emplace(block_row);
    if (fresh) {
        auto& values = it->second;
        values.resize(static_cast<std::size_t>(bands_ * rows_of(block_row) * width_) * nodata_.size());
        // What is filled doubles: a call for each pixel took longer than the pixels' own way through the run.
        std::size_t filled = std::min(nodata_.size(), values.size());
        std::copy_n(nodata_.begin(), filled, values.begin());
        for (; filled < values.size(); filled += std::min(filled, values.size() - filled))
            std::memcpy(values.data() + filled, values.data(), std::min(filled, values.size() - filled));
    }
    return it->second;
}

void BlockRows::paste(const Window& window, std::span<const std::byte> values) {
    const auto size = static_cast<std::int64_t>(nodata_.size());
    for (auto y = window.y; y < window.bottom(); ++y) {
        const auto block_row = y / block_;
        auto& target = row(block_row);
        for (std::int64_t band = 0; band < bands_; ++band) {
            const auto from = ((band * window.height) + (y - window.y)) * window.width * size;
            const auto to =
                ((band * rows_of(block_row) + (y - block_row * block_)) * width_ + window.x) * size;
            std::memcpy(target.data() + to, values.data() + from,
                        static_cast<std::size_t>(window.width * size));
        }
    }
}

std::vector<std::byte> BlockRows::take(std::int64_t block_row) {
    row(block_row);
    auto node = rows_.extract(block_row);
    return std::move(node.mapped());
}

std::size_t BlockRows::bytes() const {
    std::size_t sum = 0;
    for (const auto& [_, values] : rows_) sum += values.size();
    return sum;
}

}  // namespace spectile::mosaic
