#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "spectile/cube.hpp"
#include "training/split.hpp"

namespace spectile::training {

/// A whole scene in memory, prepared and extended beyond its border: float32 [rows, cols, bands], pixel by
/// pixel, so that a spectrum lies together. Pixels without measurement hold 0 in every band.
struct PreparedScene {
    SceneSize size;
    int bands = 0;
    int radius = 0;             ///< Pixels added on every side.
    std::vector<float> values;  ///< [size.height + 2 radius, size.width + 2 radius, bands]
    /// What is left of the preparation where a step looks at a window (`from: tile`): of each window by
    /// itself, as in a run. Then pixels without measurement hold NaN in `values`, and 0 behind this. Empty:
    /// nothing is left.
    std::function<void(Cube&)> finish = {};

    std::int64_t stride() const { return size.width + 2 * radius; }
    /// The spectrum of a pixel, which may lie up to `radius` outside.
    const float* spectrum(std::int64_t x, std::int64_t y) const {
        return values.data() + ((y + radius) * stride() + x + radius) * bands;
    }
};

/// The values of one window of a scene as a network reads them, [bands, side, side]; beyond the scene the
/// nearest pixels.
Cube window_of(const PreparedScene& scene, const Window& window);

/// Everything that a network is fitted to. Const while it is used; any number of threads may read it.
struct Dataset {
    std::vector<PreparedScene> scenes;
    std::vector<Sample> samples;
    std::vector<ClassInfo> classes;
    std::vector<float> dark;  ///< What preparation makes of a zero measurement, by band.
    int bands = 0;
    int window = 1;  ///< Side of a patch; 2 * radius + 1 of every scene.

    /// Sizes and classes, for splits.
    SplitGround ground() const;

    std::size_t patch_size() const {
        return static_cast<std::size_t>(bands) * static_cast<std::size_t>(window) *
               static_cast<std::size_t>(window);
    }
    std::vector<std::size_t> with_role(Role role) const;
    /// Cuts the patch around a sample: out is [bands, window, window].
    void cut(const Sample& sample, std::span<float> out) const;
};

}  // namespace spectile::training
