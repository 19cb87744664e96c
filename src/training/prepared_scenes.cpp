#include "training/prepared_scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "prepare/tile_step.hpp"
#include "spectile/error.hpp"
#include "training/sample_gatherer.hpp"

namespace spectile::training {
namespace {

constexpr std::int64_t kStripRows = 64;  // Whole rows; a strip of 200 bands and 10,000 columns is 0.5 GB.

PreparedScene make_room(const Scene& scene, int bands, int radius) {
    const auto& grid = scene.info().grid;
    PreparedScene prepared{.size = {grid.width, grid.height}, .bands = bands, .radius = radius, .values = {}};
    prepared.values.assign(static_cast<std::size_t>(prepared.stride() * (grid.height + 2 * radius) * bands),
                           0.0F);
    return prepared;
}

float* spectrum_of(PreparedScene& scene, std::int64_t x, std::int64_t y) {
    return scene.values.data() + (scene.spectrum(x, y) - scene.values.data());
}

/// Band planes to spectra.
void put(const Cube& cube, PreparedScene& scene) {
    for (int band = 0; band < cube.bands; ++band) {
        const float* plane = cube.band(band).data();
        for (std::int64_t row = 0; row < cube.rows(); ++row) {
            float* spectrum = spectrum_of(scene, 0, cube.window.y + row) + band;
            for (std::int64_t col = 0; col < cube.cols(); ++col)
                spectrum[col * scene.bands] = plane[row * cube.cols() + col];
        }
    }
}

/// Repeats the nearest edge pixel beyond the border (models/spectralmamba.md 6).
void extend(PreparedScene& scene) {
    const std::int64_t r = scene.radius;
    for (std::int64_t y = -r; y < scene.size.height + r; ++y)
        for (std::int64_t x = -r; x < scene.size.width + r; ++x) {
            const std::int64_t inside_x = std::clamp<std::int64_t>(x, 0, scene.size.width - 1);
            const std::int64_t inside_y = std::clamp<std::int64_t>(y, 0, scene.size.height - 1);
            if (inside_x == x && inside_y == y) continue;
            std::copy_n(scene.spectrum(inside_x, inside_y), scene.bands, spectrum_of(scene, x, y));
        }
}

/// What preparation makes of a measurement of zero, whatever the file's scale and offset.
std::vector<float> dark_of(const prepare::Chain& chain) {
    Cube cube;
    cube.reset({0, 0, 1, 1}, static_cast<int>(chain.source_bands().size()));
    for (int band = 0; band < cube.bands; ++band) {
        const auto& info = chain.bands_read()[static_cast<std::size_t>(band)];
        cube.values[static_cast<std::size_t>(band)] = static_cast<float>(-info.offset / info.scale);
    }
    cube.valid[0] = 1;
    chain.apply(cube);
    return cube.values;
}

/// The first step that looks at a window; all of them where there is none.
std::size_t steps_before_windows(const prepare::Chain& chain) {
    const auto& links = chain.links();
    const auto found = std::find_if(links.begin(), links.end(), [](const auto& link) {
        return dynamic_cast<const prepare::TileStep*>(link.step.get()) != nullptr;
    });
    return static_cast<std::size_t>(found - links.begin());
}

/// Calls visit(pixel, value) for every band of every pixel.
template <typename Visit>
void each_value(Cube& cube, Visit visit) {
    for (int band = 0; band < cube.bands; ++band)
        for (std::size_t pixel = 0; pixel < cube.pixels(); ++pixel) visit(pixel, cube.band(band)[pixel]);
}

/// The steps from `first` on, of a window whose pixels without measurement hold NaN.
void finish_window(const prepare::Chain& chain, std::size_t first, Cube& cube) {
    each_value(cube, [&](std::size_t pixel, float value) {
        if (std::isnan(value)) cube.valid[pixel] = 0;
    });
    for (std::size_t n = first; n < chain.links().size(); ++n) chain.step(n).apply(cube);
}

/// The whole preparation, or what comes before the steps that look at a window.
void prepare_strip(const prepare::Chain& chain, std::size_t steps, Cube& cube) {
    if (steps == chain.links().size()) return chain.apply(cube);
    chain.apply_prefix(cube, steps);
    each_value(cube, [&](std::size_t pixel, float& value) {
        if (cube.valid[pixel] == 0) value = std::numeric_limits<float>::quiet_NaN();
    });
}

void check_window_steps(const Training& training, const TrainingScenes& all) {
    if (!all.chains.front().depends_on_tile()) return;
    if (all.card.architecture != "spectral_gpt")
        throw Error(Code::definition,
                    training.file +
                        ": prepare: a step from: tile has limits of each window that a run reads, and this "
                        "network learns from pixels of scenes that are prepared whole; give from: scene, or "
                        "limits");
    if (all.whitening)
        throw Error(Code::definition, training.file +
                                          ": prepare: whiten from: training cannot follow a step from: tile; "
                                          "give from: scene, or limits");
}

void check_memory(const Training& training, const TrainingScenes& all, int bands, int radius) {
    std::uint64_t bytes = 0;
    for (const auto& scene : all.scenes) {
        const auto& grid = scene->info().grid;
        bytes += static_cast<std::uint64_t>(grid.width + 2 * radius) *
                 static_cast<std::uint64_t>(grid.height + 2 * radius) * static_cast<std::uint64_t>(bands) *
                 sizeof(float);
    }
    if (bytes > kMostBytes)
        throw Error(Code::memory,
                    fmt::format("{}: the prepared scenes take {:.1f} GiB, at most {} are held for a "
                                "training; give the scenes an aoi's window or train on crops",
                                training.file, static_cast<double>(bytes) / (1ULL << 30), kMostBytes >> 30));
}

}  // namespace

Dataset load_dataset(const Training& training, const TrainingScenes& all, int window,
                     std::vector<std::string>& warnings) {
    Dataset data;
    data.classes = training.classes;
    data.window = window;
    data.bands = static_cast<int>(all.chains.front().bands().size());
    data.dark = dark_of(all.chains.front());
    const int radius = (window - 1) / 2;
    check_window_steps(training, all);
    const std::size_t steps = steps_before_windows(all.chains.front());
    const auto& links = all.chains.front().links();
    const int held = steps < links.size() ? static_cast<int>(links[steps].entering.size()) : data.bands;
    check_memory(training, all, held, radius);
    for (std::size_t i = 0; i < all.scenes.size(); ++i) {
        const auto& scene = *all.scenes[i];
        const Window whole = scene.info().grid.window();
        const auto reader = scene.reader();
        SampleGatherer gatherer(training, scene.info().grid, static_cast<int>(i));
        PreparedScene prepared = make_room(scene, held, radius);
        Cube cube;
        for (std::int64_t y = 0; y < whole.height; y += kStripRows) {
            reader->read(intersect({0, y, whole.width, kStripRows}, whole), all.chains[i].source_bands(),
                         cube);
            prepare_strip(all.chains[i], steps, cube);
            put(cube, prepared);
            gatherer.gather(cube, data.samples);
        }
        extend(prepared);
        if (steps < links.size())
            prepared.finish = [&chain = all.chains[i], steps](Cube& read) {
                finish_window(chain, steps, read);
            };
        data.scenes.push_back(std::move(prepared));
        if (gatherer.without_measurement() > 0)
            warnings.push_back(fmt::format("{}: {} labelled pixels have no measurement and are left out",
                                           scene.info().name, gatherer.without_measurement()));
        for (const auto& warning : scene.info().warnings) warnings.push_back(warning);
        for (const auto& warning : all.chains[i].warnings()) warnings.push_back(warning);
    }
    return data;
}

}  // namespace spectile::training
