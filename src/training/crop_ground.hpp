#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "training/dataset.hpp"
#include "training/random.hpp"

namespace spectile::training {

/// Where a crop begins: its first pixel, which lies outside where the scene is smaller than the crop.
struct CropPlace {
    int scene = 0;
    std::int64_t x = 0, y = 0;
    bool clean = true;  ///< It shows no ground that validates or tests.
};

/// How well crops can keep off the ground that is held back.
struct CropSupply {
    int side = 0;
    std::uint64_t inside = 0;   ///< Training pixels that crops reach without touching held-back ground.
    std::uint64_t outside = 0;  ///< Training pixels that only crops show which touch it.
    std::uint64_t ground = 0;   ///< Pixels of all scenes that are not held back.
};

/// The ground of one trial that crops are drawn from, and the truth that they learn.
///
/// Held back are, of a split by tiles or blocks, the whole squares with pixels that validate or test, else
/// those pixels alone. A training pixel is shown by a crop that lies off all of it where there is such a
/// crop; else held-back pixels are seen as surroundings. They are never learnt from: their label is kNoLabel.
class CropGround {
public:
    /// `data`, with its roles, must outlive it. Throws Error{Code::definition} for more classes than labels.
    CropGround(const Dataset& data, const SplitDefinition& split, int side);

    /// A crop that holds the training pixel at `sample` of Dataset::samples: one of all that may be, each
    /// equally likely.
    CropPlace draw(std::size_t sample, Random& random) const;
    /// Values [bands, side, side] and labels [side, side] (class positions) of a crop. Beyond the scene the
    /// nearest pixels are repeated, without a label.
    void cut(const CropPlace& place, std::span<float> values, std::span<float> labels) const;

    const CropSupply& supply() const { return supply_; }
    int side() const { return side_; }
    static constexpr int kNoLabel = 255;

private:
    /// Sums over rectangles in four look-ups.
    struct Sums {
        std::int64_t width = 0;  ///< Of what is summed.
        std::vector<std::uint32_t> values;
        std::uint32_t of(const Window& window) const;
    };
    struct Ground {
        std::vector<std::uint8_t> labels;  ///< Of the training pixels.
        Sums clean;                        ///< Over the places of crops: 1 where one shows nothing held back.
        std::int64_t columns = 0, rows = 0;  ///< Places.
    };
    static Sums sums_of(std::int64_t width, std::int64_t height, const std::vector<std::uint8_t>& ones);
    std::vector<std::uint8_t> held_back(int scene, const SplitDefinition& split) const;
    void add_scene(int scene, const SplitDefinition& split);
    /// The places of crops that hold a pixel.
    Window places(const Sample& sample) const;

    const Dataset& data_;
    int side_;
    std::vector<Ground> grounds_;
    CropSupply supply_;
};

}  // namespace spectile::training
