#include "training/augmentation.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace spectile::training {
namespace {

void mirror_rows(float* plane, int side) {
    for (int row = 0; row < side; ++row) std::reverse(plane + row * side, plane + (row + 1) * side);
}

void transpose(float* plane, int side) {
    for (int row = 0; row < side; ++row)
        for (int col = 0; col < row; ++col) std::swap(plane[row * side + col], plane[col * side + row]);
}

void drop_bands(double largest_share, std::span<float> patch, std::size_t area, Random& random) {
    const std::size_t bands = patch.size() / area;
    const auto most = static_cast<std::uint64_t>(largest_share * static_cast<double>(bands));
    const std::size_t length = random.below(most + 1);
    const std::size_t first = random.below(bands - length + 1);
    std::fill_n(patch.begin() + static_cast<std::ptrdiff_t>(first * area), length * area, 0.0F);
}

}  // namespace

void apply_symmetry(unsigned symmetry, std::span<float> patch, int side) {
    const std::size_t area = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
    for (std::size_t start = 0; start < patch.size(); start += area) {
        float* plane = patch.data() + start;
        if (symmetry & 1U) transpose(plane, side);
        if (symmetry & 2U) mirror_rows(plane, side);
        if (symmetry & 4U)
            for (int row = 0; row < side / 2; ++row)
                std::swap_ranges(plane + row * side, plane + (row + 1) * side,
                                 plane + (side - 1 - row) * side);
    }
}

unsigned draw_symmetry(const Augmentation& a, Random& random) {
    unsigned symmetry = 0;
    if (a.flips) symmetry = static_cast<unsigned>(random.below(4)) << 1U;
    if (a.turns) {
        // Quarter turns written as symmetries: none, transpose and mirror, both mirrors, transpose and flip.
        // Together with flips every one of the eight is reached equally often.
        constexpr unsigned kTurns[] = {0U, 3U, 6U, 5U};
        symmetry ^= kTurns[random.below(4)];
    }
    return symmetry;
}

void augment(const Augmentation& a, std::span<float> patch, int side, std::span<const float> dark,
             Random& random) {
    const std::size_t area = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
    if (const unsigned symmetry = draw_symmetry(a, random); symmetry != 0)
        apply_symmetry(symmetry, patch, side);
    if (a.brightness > 0) {
        const auto change = static_cast<float>(a.brightness * random.normal());
        for (std::size_t i = 0; i < patch.size(); ++i) patch[i] += change * (patch[i] - dark[i / area]);
    }
    if (a.offset > 0) {
        const auto offset = static_cast<float>(a.offset * random.normal());
        for (auto& value : patch) value += offset;
    }
    if (a.noise > 0)
        for (auto& value : patch) value += static_cast<float>(a.noise) * random.rough_normal();
    if (a.spectral_dropout > 0) drop_bands(a.spectral_dropout, patch, area, random);
}

void mix(std::span<float> patch, std::span<const float> other, float share) {
    for (std::size_t i = 0; i < patch.size(); ++i) patch[i] = share * patch[i] + (1 - share) * other[i];
}

}  // namespace spectile::training
