#pragma once

#include <memory>
#include <span>
#include <vector>

#include "spectile/cube.hpp"
#include "spectile/scene.hpp"

namespace spectile::run {

/// What the pixels of a scene rest on, for the `coverage` product. One thread's.
class SupportReader {
public:
    /// `bands`: of the scene, from 0, as the run reads them.
    SupportReader(const Scene& scene, std::span<const int> bands);

    /// Fills `out` over `window` with [tiles, dates, bands, scene]: bands = measured ones of those the run
    /// reads, dates = those with any measured band. `tiles` and `scene` are 1 where `fed` says so.
    ///
    /// Reads each band of the window once more: only so is known what each one measured, masks included.
    void read(const Window& window, const Prediction* fed, Prediction& out);

private:
    void count_bands(const Window& window, Prediction& out);

    const Scene& scene_;
    std::vector<int> bands_;
    std::unique_ptr<SceneReader> reader_;
    Cube cube_;
};

}  // namespace spectile::run
