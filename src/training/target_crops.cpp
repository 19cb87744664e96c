#include "training/target_crops.hpp"

#include <algorithm>

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
    const Corner corner = choose(image, side, recipe.target_share, random);
    const Turn turn = turn_of(augmentation, random);
    const double factor = 1 + augmentation.brightness * random.normal(),
                 offset = augmentation.offset * random.normal();
    for (int row = 0; row < side; ++row)
        for (int col = 0; col < side; ++col) {
            const int r = turn.swap ? col : row, c = turn.swap ? row : col;
            const std::int64_t y = mirrored(corner.y + (turn.flip_y ? side - 1 - r : r), image.height),
                               x = mirrored(corner.x + (turn.flip_x ? side - 1 - c : c), image.width);
            const auto from = static_cast<std::size_t>(y * image.width + x);
            const auto to = static_cast<std::size_t>(row * side + col);
            pixels[to] = static_cast<float>(image.values[from] * factor + offset);
            if (augmentation.noise > 0)
                pixels[to] += static_cast<float>(augmentation.noise) * random.rough_normal();
            truth[to] = image.truth[from];
        }
}

}  // namespace spectile::training
