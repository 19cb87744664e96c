#include "training/target_scores.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>

#include "kernels/flush_denormals.hpp"
#include "training/optimiser.hpp"
#include "training/target_crops.hpp"
#include "training/training_device.hpp"

namespace spectile::training {
namespace {

/// Where tiles begin along an axis: evenly stepped, the last one shifted inward.
std::vector<std::int64_t> starts_of(std::int64_t size, std::int64_t side, std::int64_t overlap) {
    if (size <= side) return {-((side - size) / 2)};
    std::vector<std::int64_t> starts;
    for (std::int64_t at = 0; at + side < size; at += side - overlap) starts.push_back(at);
    starts.push_back(size - side);
    return starts;
}

/// Falls to the tile's edge over `overlap` pixels.
float ramp(std::int64_t at, std::int64_t side, std::int64_t overlap) {
    const auto distance = static_cast<float>(std::min(at, side - 1 - at)) + 0.5F;
    return overlap > 0 ? std::min(1.0F, distance / static_cast<float>(overlap)) : 1.0F;
}

at::Tensor tile_at(const TargetImage& image, std::int64_t x, std::int64_t y, std::int64_t side) {
    at::Tensor tile = at::empty({1, 1, side, side}, at::kFloat);
    float* to = values_of(tile).data();
    for (std::int64_t row = 0; row < side; ++row)
        for (std::int64_t col = 0; col < side; ++col)
            *to++ = image.values[static_cast<std::size_t>(mirrored(y + row, image.height) * image.width +
                                                          mirrored(x + col, image.width))];
    return tile;
}

}  // namespace

std::vector<float> target_logits(networks::Network& network, const TargetImage& image, int overlap) {
    const at::NoGradGuard no_gradients;
    const kernels::FlushDenormals flushed;  // As in a run.
    const std::int64_t side = network.window();
    const auto device = device_of(network.tensors());
    const auto pixels = static_cast<std::size_t>(image.width * image.height);
    std::vector<float> sum(pixels, 0.0F), weight(pixels, 0.0F);
    for (const auto y : starts_of(image.height, side, overlap))
        for (const auto x : starts_of(image.width, side, overlap)) {
            const at::Tensor logits =
                network.forward(tile_at(image, x, y, side).to(device)).to(at::kCPU).contiguous();
            const float* from = values_of(logits).data();
            for (std::int64_t row = std::max<std::int64_t>(0, -y); row < side && y + row < image.height;
                 ++row)
                for (std::int64_t col = std::max<std::int64_t>(0, -x); col < side && x + col < image.width;
                     ++col) {
                    const auto at = static_cast<std::size_t>((y + row) * image.width + x + col);
                    const float w = ramp(row, side, overlap) * ramp(col, side, overlap);
                    sum[at] += w * from[row * side + col];
                    weight[at] += w;
                }
        }
    for (std::size_t i = 0; i < pixels; ++i) sum[i] /= weight[i];
    return sum;
}

evaluate::Detection judge_targets(networks::Network& network, const std::vector<TargetImage>& images,
                                  Role role, int overlap) {
    evaluate::Detection total;
    for (const auto& image : images) {
        if (image.role != role) continue;
        const auto logits = target_logits(network, image, overlap);
        std::vector<std::uint8_t> found(logits.size());
        std::transform(logits.begin(), logits.end(), found.begin(), [](float logit) { return logit > 0; });
        total.add(evaluate::measure(found, image.truth, image.width));
    }
    return total;
}

std::string in_words(const evaluate::Detection& detection) {
    return fmt::format("IoU {:.4f}  nIoU {:.4f}  Pd {:.4f}  Fa {:.1f}e-6", detection.iou(), detection.niou(),
                       detection.pd(), detection.fa());
}

}  // namespace spectile::training
