#include "mosaic/blend.hpp"

#include <algorithm>

namespace spectile::mosaic {

float feather_weight(std::int64_t position, std::int64_t size, int halo) {
    if (halo <= 0) return 1.0F;
    const auto edge = std::min(position, size - 1 - position);
    return std::min(1.0F, (static_cast<float>(edge) + 0.5F) / (2.0F * static_cast<float>(halo)));
}

Blender::Blender(std::int64_t width, std::int64_t height, int block, int channels, int halo)
    : width_(width), height_(height), block_(block), channels_(channels), halo_(halo) {}

std::int64_t Blender::rows_of(std::int64_t block_row) const {
    return std::min<std::int64_t>(block_, height_ - block_row * block_);
}

Blender::Row& Blender::row(std::int64_t block_row) {
    auto [it, fresh] = rows_.try_emplace(block_row);
    if (fresh) {
        const auto pixels = static_cast<std::size_t>(rows_of(block_row) * width_);
        it->second.sums.assign(pixels * static_cast<std::size_t>(channels_), 0.0F);
        it->second.weights.assign(pixels, 0.0F);
    }
    return it->second;
}

void Blender::add(const Tile& tile, const Prediction& prediction) {
    const Window& padded = prediction.window;
    const Window here = intersect(intersect(tile.keep, padded), {0, 0, width_, height_});
    const auto plane = prediction.pixels();
    for (auto y = here.y; y < here.bottom(); ++y) {
        auto& target = row(y / block_);
        const auto rows = rows_of(y / block_);
        const float weight_y = feather_weight(y - padded.y, padded.height, halo_);
        for (auto x = here.x; x < here.right(); ++x) {
            const auto from = static_cast<std::size_t>((y - padded.y) * padded.width + (x - padded.x));
            if (!prediction.valid[from]) continue;
            const float weight = weight_y * feather_weight(x - padded.x, padded.width, halo_);
            const auto to = static_cast<std::size_t>((y % block_) * width_ + x);
            target.weights[to] += weight;
            for (int c = 0; c < channels_; ++c)
                target.sums[static_cast<std::size_t>(c * rows * width_) + to] +=
                    weight * prediction.values[static_cast<std::size_t>(c) * plane + from];
        }
    }
}

Prediction Blender::take(std::int64_t block_row) {
    row(block_row);
    auto node = rows_.extract(block_row);
    Row& from = node.mapped();
    Prediction out;
    out.window = {0, block_row * block_, width_, rows_of(block_row)};
    out.channels = channels_;
    out.valid.resize(from.weights.size());
    for (std::size_t i = 0; i < from.weights.size(); ++i) out.valid[i] = from.weights[i] > 0 ? 1 : 0;
    out.values = std::move(from.sums);
    for (int c = 0; c < channels_; ++c) {
        auto values = out.channel(c);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (out.valid[i]) values[i] /= from.weights[i];
    }
    return out;
}

}  // namespace spectile::mosaic
