#pragma once

#include <array>
#include <cstdint>

namespace simulation {

enum Material { roof, pavement, low_vegetation, tree, soil, water, kMaterials };

/// What lies in one pixel.
struct GroundPixel {
    std::array<float, kMaterials> share = {};  ///< Sums to 1.
    float brightness = 1;  ///< Illumination, and how this field or roof differs from others.
    bool valid = true;     ///< False beyond the slanted swath edge and in the holes.

    /// Value of the truth map: 1 + the material that covers most of a valid pixel; 0 where none covers half.
    int truth() const;
};

/// An invented landscape of 30 m pixels: fields, woods, a town with streets and houses, a lake and a river.
///
/// A pure function of pixel, size and seed: the same pixel is the same on every machine and in any order.
class Landscape {
public:
    Landscape(int width, int height, std::uint32_t seed) : width_(width), height_(height), seed_(seed) {}
    GroundPixel pixel(int col, int row) const;

private:
    Material material(double x, double y) const;
    Material town(double x, double y) const;
    Material countryside(double x, double y) const;
    bool measured(int col, int row) const;
    double noise(double x, double y, std::uint32_t salt) const;

    int width_, height_;
    std::uint32_t seed_;
};

/// A number in [0, 1) that depends on the three whole numbers alone.
double hash_unit(std::uint64_t a, std::uint64_t b, std::uint64_t c);

}  // namespace simulation
