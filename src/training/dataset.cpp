#include "training/dataset.hpp"

#include <algorithm>

namespace spectile::training {

Cube window_of(const PreparedScene& scene, const Window& window) {
    Cube cube;
    cube.reset(window, scene.bands);
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    for (std::int64_t row = 0; row < window.height; ++row)
        for (std::int64_t col = 0; col < window.width; ++col) {
            const float* spectrum =
                scene.spectrum(std::clamp<std::int64_t>(window.x + col, 0, scene.size.width - 1),
                               std::clamp<std::int64_t>(window.y + row, 0, scene.size.height - 1));
            for (int band = 0; band < scene.bands; ++band)
                cube.band(band)[static_cast<std::size_t>(row * window.width + col)] = spectrum[band];
        }
    if (scene.finish) scene.finish(cube);
    return cube;
}

SplitGround Dataset::ground() const {
    SplitGround ground{.scenes = {}, .classes = classes};
    for (const auto& scene : scenes) ground.scenes.push_back(scene.size);
    return ground;
}

std::vector<std::size_t> Dataset::with_role(Role role) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < samples.size(); ++i)
        if (samples[i].role == role) found.push_back(i);
    return found;
}

void Dataset::cut(const Sample& sample, std::span<float> out) const {
    const auto& scene = scenes[static_cast<std::size_t>(sample.scene)];
    const std::int64_t radius = (window - 1) / 2, area = static_cast<std::int64_t>(window) * window;
    for (std::int64_t row = 0; row < window; ++row)
        for (std::int64_t col = 0; col < window; ++col) {
            const float* spectrum = scene.spectrum(sample.x - radius + col, sample.y - radius + row);
            float* pixel = out.data() + row * window + col;
            for (int band = 0; band < bands; ++band) pixel[band * area] = spectrum[band];
        }
}

}  // namespace spectile::training
