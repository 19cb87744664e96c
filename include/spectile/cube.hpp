#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "spectile/window.hpp"

namespace spectile {

/// Pixels of one window in memory: float32 [bands, rows, cols] (band-major), and a validity mask [rows,
/// cols].
///
/// Owned by one worker at a time. Reusing a cube keeps its memory (`reset` never shrinks).
struct Cube {
    Window window;  ///< Where the pixels lie in the scene; rows = window.height, cols = window.width.
    int bands = 0;
    std::vector<float> values;        ///< values[(band * rows + row) * cols + col]
    std::vector<std::uint8_t> valid;  ///< 1 = measured in every band read, 0 = no measurement.

    std::int64_t rows() const { return window.height; }
    std::int64_t cols() const { return window.width; }
    std::size_t pixels() const { return static_cast<std::size_t>(window.area()); }
    std::span<float> band(int b) {
        return {values.data() + static_cast<std::size_t>(b) * pixels(), pixels()};
    }
    std::span<const float> band(int b) const {
        return {values.data() + static_cast<std::size_t>(b) * pixels(), pixels()};
    }
    /// Makes room for `bands` of `window`. Values and mask are unspecified afterwards.
    void reset(const Window& w, int band_count) {
        window = w;
        bands = band_count;
        values.resize(static_cast<std::size_t>(band_count) * pixels());
        valid.resize(pixels());
    }
    bool any_valid() const {
        for (const auto v : valid)
            if (v) return true;
        return false;
    }
    std::size_t bytes() const { return values.size() * sizeof(float) + valid.size(); }
};

/// What a model says of a tile: float32 [channels, rows, cols] over `window`, and which pixels it speaks for.
struct Prediction {
    Window window;
    int channels = 0;
    std::vector<float> values;  ///< values[(channel * rows + row) * cols + col]
    std::vector<std::uint8_t> valid;

    std::size_t pixels() const { return static_cast<std::size_t>(window.area()); }
    std::span<float> channel(int c) {
        return {values.data() + static_cast<std::size_t>(c) * pixels(), pixels()};
    }
    std::span<const float> channel(int c) const {
        return {values.data() + static_cast<std::size_t>(c) * pixels(), pixels()};
    }
    void reset(const Window& w, int channel_count) {
        window = w;
        channels = channel_count;
        values.resize(static_cast<std::size_t>(channel_count) * pixels());
        valid.resize(pixels());
    }
};

}  // namespace spectile
