#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "prepare/statistics.hpp"
#include "prepare/steps.hpp"
#include "spectile/cube.hpp"
#include "spectile/error.hpp"
#include "spectile/model.hpp"
#include "spectile/scene.hpp"

// Small cubes, bands and definitions in memory.
namespace spectile::test {

/// One pixel per row of `spectra`, all valid.
inline Cube cube_of(const std::vector<std::vector<float>>& spectra) {
    Cube cube;
    cube.reset({0, 0, static_cast<std::int64_t>(spectra.size()), 1}, static_cast<int>(spectra[0].size()));
    for (std::size_t pixel = 0; pixel < spectra.size(); ++pixel) {
        for (int band = 0; band < cube.bands; ++band)
            cube.band(band)[pixel] = spectra[pixel][static_cast<std::size_t>(band)];
        cube.valid[pixel] = 1;
    }
    return cube;
}

/// The spectrum of one pixel.
inline std::vector<float> spectrum(const Cube& cube, std::size_t pixel = 0) {
    std::vector<float> values;
    for (int band = 0; band < cube.bands; ++band) values.push_back(cube.band(band)[pixel]);
    return values;
}

/// Values in [0, 1) and about one pixel in eight invalid, by a fixed linear congruential generator.
inline Cube random_cube(const Window& window, int bands, std::uint64_t seed) {
    const auto next = [state = seed]() mutable {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::uint32_t>(state >> 40);
    };
    Cube cube;
    cube.reset(window, bands);
    auto draw = next;
    for (auto& value : cube.values) value = static_cast<float>(draw()) / 16777216.0F;
    for (auto& valid : cube.valid) valid = draw() % 8 != 0;
    return cube;
}

/// The part of a cube in `window`.
inline Cube cut(const Cube& cube, const Window& window) {
    Cube part;
    part.reset(window, cube.bands);
    for (std::int64_t y = 0; y < window.height; ++y)
        for (std::int64_t x = 0; x < window.width; ++x) {
            const auto from = static_cast<std::size_t>((window.y + y - cube.window.y) * cube.window.width +
                                                       window.x + x - cube.window.x);
            const auto to = static_cast<std::size_t>(y * window.width + x);
            part.valid[to] = cube.valid[from];
            for (int band = 0; band < cube.bands; ++band) part.band(band)[to] = cube.band(band)[from];
        }
    return part;
}

inline BandInfo band_at(double wavelength_nm, const std::string& name = {}, double fwhm_nm = 0) {
    BandInfo band;
    band.wavelength_nm = wavelength_nm;
    band.name = name;
    if (fwhm_nm > 0) band.fwhm_nm = fwhm_nm;
    return band;
}

inline std::vector<BandInfo> bands_at(const std::vector<double>& wavelengths) {
    std::vector<BandInfo> bands;
    for (const double wavelength : wavelengths) bands.push_back(band_at(wavelength));
    return bands;
}

inline StepDefinition definition(const std::string& name, const std::string& parameters = "{}") {
    StepDefinition step;
    step.name = name;
    step.parameters = parameters;
    step.mark = {"my.yaml", 7};
    return step;
}

/// Figures of a cube as one block, histogram included.
inline std::vector<BandStatistics> statistics_of(const Cube& cube) {
    auto statistics = prepare::finish(prepare::moments_of(cube));
    prepare::count_values(cube, statistics);
    return statistics;
}

/// Makes, binds and applies a step; whole-scene statistics are those of the cube.
inline Cube apply_step(const StepDefinition& step, std::vector<BandInfo> bands, Cube cube) {
    const auto made = prepare::make_step(step);
    made->bind(std::move(bands));
    if (made->needs() != Needs::nothing) made->set_statistics(statistics_of(cube));
    made->apply(cube);
    return cube;
}

/// The code and message of the Error that `body` throws.
inline std::pair<Code, std::string> error_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
    ADD_FAILURE() << "nothing was thrown";
    return {Code::internal, ""};
}

}  // namespace spectile::test
