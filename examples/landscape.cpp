#include "landscape.hpp"

#include <algorithm>
#include <cmath>

namespace simulation {
namespace {

constexpr int kSamples = 4;         // Per side of a pixel.
constexpr double kFootprint = 1.5;  // A sensor sees a little of its neighbours.

std::uint64_t mix(std::uint64_t z) {  // splitmix64 (Steele, Lea and Flood, OOPSLA 2014)
    z += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

double cell_of(double value, double size) { return std::floor(value / size); }
double within(double value, double size) { return value - size * std::floor(value / size); }
std::uint64_t key(double cell) { return static_cast<std::uint64_t>(static_cast<std::int64_t>(cell)); }

}  // namespace

double hash_unit(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    return static_cast<double>(mix(mix(mix(a) ^ b) ^ c) >> 11) * 0x1.0p-53;
}

int GroundPixel::truth() const {
    if (!valid) return 0;
    const auto most = std::max_element(share.begin(), share.end());
    return *most > 0.5f ? 1 + static_cast<int>(most - share.begin()) : 0;
}

/// Smooth noise in [0, 1]: bilinear between hashed corners, with eased steps.
double Landscape::noise(double x, double y, std::uint32_t salt) const {
    const double cx = std::floor(x), cy = std::floor(y);
    const auto ease = [](double t) { return t * t * (3 - 2 * t); };
    const double tx = ease(x - cx), ty = ease(y - cy);
    const auto corner = [&](double i, double j) { return hash_unit(seed_ + salt, key(cx + i), key(cy + j)); };
    const double top = corner(0, 0) * (1 - tx) + corner(1, 0) * tx;
    const double bottom = corner(0, 1) * (1 - tx) + corner(1, 1) * tx;
    return top * (1 - ty) + bottom * ty;
}

/// Streets in a grid turned against the pixel grid; blocks of houses, halls and gardens between them.
Material Landscape::town(double x, double y) const {
    const double u = 0.94 * x + 0.34 * y, v = -0.34 * x + 0.94 * y;
    if (within(u, 9) < 1.6 || within(v, 7) < 1.4) return pavement;
    const auto block_x = key(cell_of(u, 9)), block_y = key(cell_of(v, 7));
    const double use = hash_unit(seed_ + 1, block_x, block_y);
    if (use < 0.12) return low_vegetation;
    if (use < 0.20) return tree;
    if (use < 0.30) return pavement;
    if (use < 0.55) return roof;  // A hall covers the block.
    const double house = hash_unit(seed_ + 2, key(cell_of(u, 2.4)), key(cell_of(v, 2.8)));
    return house < 0.62 ? roof : house < 0.8 ? low_vegetation : tree;
}

Material Landscape::countryside(double x, double y) const {
    if (noise(x / 70, y / 70, 3) + 0.25 * noise(x / 13, y / 13, 4) > 0.78) return tree;
    const double u = 0.87 * x - 0.5 * y, v = 0.5 * x + 0.87 * y;
    if (within(u, 118) < 1.5 || within(v, 143) < 1.5) return pavement;  // Country roads.
    const double field = hash_unit(seed_ + 5, key(cell_of(u, 21)), key(cell_of(v, 34)));
    if (within(v, 34) < 1.2 && field < 0.4) return tree;  // Hedges.
    return field < 0.64 ? low_vegetation : field < 0.93 ? soil : tree;
}

Material Landscape::material(double x, double y) const {
    const double w = width_, h = height_, size = std::min(w, h);
    const double ripple = 0.05 * size * (noise(x / 40, y / 40, 6) - 0.5);
    const double lake = std::hypot((x - 0.70 * w) / 1.4, y - 0.28 * h) + ripple;
    const double river = std::abs(y - 0.83 * h - 0.05 * h * std::sin(x * 6.0 / w)) + 0.2 * ripple;
    if (lake < 0.11 * size || river < 0.009 * size + 1.0) return water;
    const double centre = std::hypot(x - 0.30 * w, (y - 0.52 * h) * 1.2) + 4 * ripple;
    return centre < 0.20 * size ? town(x, y) : countryside(x, y);
}

/// The swath's edges lean as an orbit does; four small holes stand for masked clouds.
bool Landscape::measured(int col, int row) const {
    const double lean = 0.10 * (height_ - row);
    if (col < 0.5 * lean || col >= width_ - 0.06 * height_ - 0.5 + 0.6 * lean) return false;
    for (int hole = 0; hole < 4; ++hole) {
        const double x = width_ * (0.15 + 0.7 * hash_unit(seed_ + 7, hole, 0));
        const double y = height_ * (0.15 + 0.7 * hash_unit(seed_ + 7, hole, 1));
        if (std::hypot((col - x) / 1.5, row - y) < 0.018 * std::min(width_, height_)) return false;
    }
    return true;
}

GroundPixel Landscape::pixel(int col, int row) const {
    GroundPixel pixel;
    pixel.valid = measured(col, row);
    for (int i = 0; i < kSamples; ++i)
        for (int j = 0; j < kSamples; ++j) {
            const double x = col + 0.5 + kFootprint * ((i + 0.5) / kSamples - 0.5);
            const double y = row + 0.5 + kFootprint * ((j + 0.5) / kSamples - 0.5);
            pixel.share[material(x, y)] += 1.0f / (kSamples * kSamples);
        }
    // Crops never close entirely, and no two fields, roofs or slopes are equally bright.
    const float bare = 0.25f * static_cast<float>(noise(col / 25.0, row / 25.0, 8));
    const float moved = bare * pixel.share[low_vegetation];
    pixel.share[low_vegetation] -= moved;
    pixel.share[soil] += moved;
    pixel.brightness = static_cast<float>(0.82 + 0.22 * noise(col / 60.0, row / 60.0, 9) +
                                          0.14 * noise(col / 6.0, row / 6.0, 10));
    return pixel;
}

}  // namespace simulation
