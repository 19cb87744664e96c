#include "training/target_crops.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "training/target_repeats.hpp"

namespace spectile::training {
namespace {

struct Corner {
    std::int64_t x, y;
};

/// Where a crop may begin along an axis, so that it covers [first, last] and lies inside if it can.
std::int64_t start_of(std::int64_t size, int side, std::int64_t first, std::int64_t last, Random& random) {
    if (size <= side) return -((side - size) / 2);
    const std::int64_t low = std::clamp<std::int64_t>(last - side + 1, 0, size - side),
                       high = std::clamp<std::int64_t>(first, 0, size - side);
    return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

Corner choose(const TargetImage& image, int side, double target_share, Random& random) {
    std::int64_t x = 0, y = 0, last_x = image.width - 1, last_y = image.height - 1;
    const bool on_target = random.uniform() < target_share && !image.marked.empty();
    if (on_target) {
        const auto at = image.marked[random.below(image.marked.size())];
        x = last_x = at % image.width;
        y = last_y = at / image.width;
        return {start_of(image.width, side, x, last_x, random),
                start_of(image.height, side, y, last_y, random)};
    }
    const auto anywhere = [&](std::int64_t size) {
        return size <= side
                   ? -((side - size) / 2)
                   : static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(size - side + 1)));
    };
    return {anywhere(image.width), anywhere(image.height)};
}

/// How positions of the result are taken from the crop.
struct Turn {
    bool flip_x = false, flip_y = false, swap = false;
};

Turn turn_of(const Augmentation& augmentation, Random& random) {
    Turn turn;
    if (augmentation.flips) turn = {random.uniform() < 0.5, random.uniform() < 0.5, false};
    if (augmentation.turns) {
        const auto quarters = random.below(4);
        // A quarter turn is a swap of the axes and one flip; two of them are both flips.
        turn.swap = quarters % 2 == 1;
        turn.flip_x = turn.flip_x != (quarters == 1 || quarters == 2);
        turn.flip_y = turn.flip_y != (quarters == 2 || quarters == 3);
    }
    return turn;
}

/// Where a crop lies in its image, and how it is turned. `extent` pixels of the image make `side` of the
/// crop.
struct Cut {
    Corner corner;
    int extent = 0;
    Turn turn;
};

/// A scale drawn between 1 / scale and scale, evenly in its logarithm; nothing is drawn where it is fixed.
int extent_of(int side, double scale, Random& random) {
    if (scale <= 1) return side;
    return std::max(
        1, static_cast<int>(std::lround(side * std::exp((2 * random.uniform() - 1) * std::log(scale)))));
}

/// Value and truth at a place between pixels, bilinear; a pixel of the crop is a target where more than half
/// of what it is made of is.
std::array<float, 2> between(const TargetImage& image, double y, double x) {
    const auto top = static_cast<std::int64_t>(std::floor(y)),
               left = static_cast<std::int64_t>(std::floor(x));
    const double down = y - static_cast<double>(top), right = x - static_cast<double>(left);
    double value = 0, truth = 0;
    for (const int i : {0, 1})
        for (const int j : {0, 1}) {
            const double share = (i == 0 ? 1 - down : down) * (j == 0 ? 1 - right : right);
            const auto at = static_cast<std::size_t>(mirrored(top + i, image.height) * image.width +
                                                     mirrored(left + j, image.width));
            value += share * image.values[at];
            truth += share * image.truth[at];
        }
    return {static_cast<float>(value), truth > 0.5 ? 1.0F : 0.0F};
}

std::array<float, 2> pixel_of(const TargetImage& image, const Cut& cut, int side, int row, int col) {
    const int r = cut.turn.swap ? col : row, c = cut.turn.swap ? row : col;
    const int y = cut.turn.flip_y ? side - 1 - r : r, x = cut.turn.flip_x ? side - 1 - c : c;
    if (cut.extent != side) {
        const double step = static_cast<double>(cut.extent) / side;
        return between(image, static_cast<double>(cut.corner.y) + (y + 0.5) * step - 0.5,
                       static_cast<double>(cut.corner.x) + (x + 0.5) * step - 0.5);
    }
    const auto from = static_cast<std::size_t>(mirrored(cut.corner.y + y, image.height) * image.width +
                                               mirrored(cut.corner.x + x, image.width));
    return {image.values[from], static_cast<float>(image.truth[from])};
}

}  // namespace

std::int64_t mirrored(std::int64_t at, std::int64_t size) {
    if (size == 1) return 0;
    const std::int64_t period = 2 * (size - 1);
    at = ((at % period) + period) % period;
    return at < size ? at : period - at;
}

void cut_crop(const TargetImage& image, int side, const TargetRecipe& recipe, Random random,
              std::span<float> pixels, std::span<float> truth) {
    const auto& augmentation = recipe.common.augmentation;
    const int extent = extent_of(side, recipe.scale, random);
    const Corner corner = choose(image, extent, recipe.target_share, random);
    const Cut cut = {corner, extent, turn_of(augmentation, random)};
    const double factor = 1 + augmentation.brightness * random.normal(),
                 offset = augmentation.offset * random.normal();
    for (int row = 0; row < side; ++row)
        for (int col = 0; col < side; ++col) {
            const auto [value, marked] = pixel_of(image, cut, side, row, col);
            const auto to = static_cast<std::size_t>(row * side + col);
            pixels[to] = static_cast<float>(value * factor + offset);
            if (augmentation.noise > 0)
                pixels[to] += static_cast<float>(augmentation.noise) * random.rough_normal();
            truth[to] = marked;
        }
    if (recipe.repeats > 0 && random.uniform() < recipe.repeats) repeat_target(pixels, truth, side, random);
}

}  // namespace spectile::training
