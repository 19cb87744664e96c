#include "training/patch_view.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/upsample_bicubic2d.h>

#include <cmath>

namespace spectile::training {
namespace {

constexpr int kDraws = 10;
constexpr double kNarrow = 3.0 / 4, kWide = 4.0 / 3;

/// A view of the patch's own values, [1, bands, rows, cols].
at::Tensor values_in(const Cube& patch) {
    auto* values = const_cast<float*>(patch.values.data());  // from_blob has no const form.
    return at::from_blob(values, {1, patch.bands, patch.rows(), patch.cols()}, at::kFloat);
}

/// A copy, [bands, side, side].
at::Tensor brought_to(const at::Tensor& image, std::int64_t side) {
    if (image.size(2) == side && image.size(3) == side) return image.squeeze(0).clone();
    return at::upsample_bicubic2d(image.contiguous(), {side, side}, /*align_corners=*/false).squeeze(0);
}

}  // namespace

at::Tensor random_view(const Cube& patch, int side, double least, Random& random) {
    const at::NoGradGuard no_gradients;
    const auto image = values_in(patch);
    const std::int64_t height = patch.rows(), width = patch.cols();
    for (int draw = 0; least < 1 && draw < kDraws; ++draw) {
        const double area = static_cast<double>(height * width) * random.uniform(least, 1);
        const double shape = std::exp(random.uniform(std::log(kNarrow), std::log(kWide)));
        const auto w = std::llround(std::sqrt(area * shape)), h = std::llround(std::sqrt(area / shape));
        if (w < 1 || h < 1 || w > width || h > height) continue;
        const auto y = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(height - h + 1)));
        const auto x = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(width - w + 1)));
        return brought_to(image.narrow(2, y, h).narrow(3, x, w), side);
    }
    return brought_to(image, side);
}

at::Tensor centre_view(const Cube& patch, int side, double share) {
    const at::NoGradGuard no_gradients;
    const auto enlarged = static_cast<std::int64_t>(side / share);
    const auto image = brought_to(values_in(patch), enlarged);
    const auto first = std::lround(static_cast<double>(enlarged - side) / 2);
    return image.narrow(1, first, side).narrow(2, first, side).contiguous();
}

}  // namespace spectile::training
