#include "training/patch_mixing.hpp"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

namespace spectile::training {
namespace {

double draw_gamma(double shape, Random& random) {
    if (shape < 1) {
        const double power = std::pow(1 - random.uniform(), 1 / shape);
        return draw_gamma(shape + 1, random) * power;
    }
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    while (true) {
        const double normal = random.normal(), root = 1 + c * normal;
        const double uniform = 1 - random.uniform();
        if (root <= 0) continue;
        const double cube = root * root * root;
        if (std::log(uniform) < 0.5 * normal * normal + d - d * cube + d * std::log(cube)) return d * cube;
    }
}

void draw_box(int side, Mixing& mixing, Random& random) {
    const auto length = static_cast<std::int64_t>(side * std::sqrt(1 - mixing.share));
    const auto along = [&](std::int64_t& first, std::int64_t& count) {
        const auto centre = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(side)));
        first = std::clamp<std::int64_t>(centre - length / 2, 0, side);
        count = std::clamp<std::int64_t>(centre + length / 2, 0, side) - first;
    };
    along(mixing.y, mixing.height);
    along(mixing.x, mixing.width);
    mixing.share = 1 - static_cast<double>(mixing.width * mixing.height) / (static_cast<double>(side) * side);
}

}  // namespace

double draw_beta(double alpha, Random& random) {
    const double first = draw_gamma(alpha, random), second = draw_gamma(alpha, random);
    // Both may underflow where alpha is tiny; the limit of the distribution is then a coin.
    return first + second > 0 ? first / (first + second) : random.uniform() < 0.5 ? 0 : 1;
}

Mixing draw_mixing(const GptRecipe& recipe, int side, Random& random) {
    Mixing mixing;
    if (recipe.mixup <= 0 && recipe.cutmix <= 0) return mixing;
    mixing.boxed = recipe.cutmix > 0 && (recipe.mixup <= 0 || random.uniform() < recipe.mix_switch);
    mixing.share = draw_beta(mixing.boxed ? recipe.cutmix : recipe.mixup, random);
    if (mixing.boxed) draw_box(side, mixing, random);
    return mixing;
}

at::Tensor mixed(const at::Tensor& patch, const at::Tensor& partner, const Mixing& mixing) {
    if (mixing.share >= 1) return patch;
    if (!mixing.boxed) return patch * mixing.share + partner * (1 - mixing.share);
    const auto box = [&](const at::Tensor& of) {
        return of.narrow(1, mixing.y, mixing.height).narrow(2, mixing.x, mixing.width);
    };
    auto out = patch.clone();
    box(out).copy_(box(partner));
    return out;
}

std::vector<float> smoothed_target(int target, std::size_t classes, double smoothing) {
    std::vector<float> out(classes, static_cast<float>(smoothing / static_cast<double>(classes)));
    out[static_cast<std::size_t>(target)] += static_cast<float>(1 - smoothing);
    return out;
}

}  // namespace spectile::training
