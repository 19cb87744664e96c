#include "training/whitening.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/diag.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "prepare/steps.hpp"

namespace spectile::training {
namespace {

/// The centre spectrum of a sample.
const float* spectrum_of(const Dataset& data, std::size_t index) {
    const auto& s = data.samples[index];
    return data.scenes[static_cast<std::size_t>(s.scene)].spectrum(s.x, s.y);
}

std::vector<double> mean_of(const Dataset& data, const std::vector<std::size_t>& samples) {
    std::vector<double> mean(static_cast<std::size_t>(data.bands), 0);
    for (const auto i : samples)
        for (std::size_t b = 0; b < mean.size(); ++b) mean[b] += spectrum_of(data, i)[b];
    for (auto& value : mean) value /= static_cast<double>(samples.size());
    return mean;
}

/// Covariance of the samples around the means of their groups: [bands, bands], double.
at::Tensor covariance(const Dataset& data, const std::vector<std::vector<std::size_t>>& groups) {
    const std::int64_t bands = data.bands;
    at::Tensor sum = at::zeros({bands, bands}, at::kDouble);
    std::int64_t count = 0;
    for (const auto& samples : groups) {
        if (samples.empty()) continue;
        const auto mean = mean_of(data, samples);
        at::Tensor rows = at::zeros({static_cast<std::int64_t>(samples.size()), bands}, at::kDouble);
        double* value = rows.data_ptr<double>();
        for (const auto i : samples)
            for (std::size_t b = 0; b < mean.size(); ++b) *value++ = spectrum_of(data, i)[b] - mean[b];
        sum += at::matmul(rows.t(), rows);
        count += static_cast<std::int64_t>(samples.size());
    }
    return sum / static_cast<double>(count);
}

at::Tensor inverse_root(const at::Tensor& covariance, double shrinkage) {
    const std::int64_t bands = covariance.size(0);
    const at::Tensor even =
        covariance.trace() / static_cast<double>(bands) * at::diag(at::zeros({bands}, at::kDouble) + 1);
    const auto [values, vectors] = at::linalg_eigh((1 - shrinkage) * covariance + shrinkage * even);
    return at::matmul(vectors * values.clamp_min(1e-12).rsqrt(), vectors.t());
}

/// [rows, cols, bands] of a scene to the planes of a cube, and back.
Cube cube_of(const PreparedScene& scene) {
    Cube cube;
    cube.reset({0, 0, scene.stride(), scene.size.height + 2 * scene.radius}, scene.bands);
    for (int band = 0; band < scene.bands; ++band) {
        const auto plane = cube.band(band);
        for (std::size_t i = 0; i < plane.size(); ++i)
            plane[i] =
                scene.values[i * static_cast<std::size_t>(scene.bands) + static_cast<std::size_t>(band)];
    }
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    return cube;
}

bool is_empty(const float* spectrum, int bands) {
    return std::all_of(spectrum, spectrum + bands, [](float value) { return value == 0; });
}

void put_back(const Cube& cube, PreparedScene& scene) {
    const auto bands = static_cast<std::size_t>(scene.bands);
    for (std::size_t i = 0; i < scene.values.size() / bands; ++i) {
        float* spectrum = scene.values.data() + i * bands;
        if (is_empty(spectrum, scene.bands)) continue;  // No measurement: stays at the fill value.
        for (std::size_t band = 0; band < bands; ++band)
            spectrum[band] = cube.band(static_cast<int>(band))[i];
    }
}

/// Seven digits, as a float32 holds: the card's file is read back to the same numbers and stays short.
double rounded(double value) { return std::stod(fmt::format("{:.7g}", value)); }

}  // namespace

Whitening fit_whitening(const Dataset& data, double shrinkage) {
    std::vector<std::vector<std::size_t>> by_class(data.classes.size());
    const auto samples = data.with_role(Role::training);
    for (const auto i : samples) by_class[static_cast<std::size_t>(data.samples[i].target)].push_back(i);
    at::Tensor root = inverse_root(covariance(data, by_class), shrinkage);
    const at::Tensor all = covariance(data, {samples});
    const double scale = at::matmul(at::matmul(root, all), root).diag().sqrt().mean().item<double>();
    root = (root / scale).contiguous();
    Whitening whitening{.mean = mean_of(data, samples), .components = {}};
    for (std::int64_t row = 0; row < root.size(0); ++row) {
        const double* first = root.data_ptr<double>() + row * root.size(1);
        auto& component = whitening.components.emplace_back(first, first + root.size(1));
        for (auto& value : component) value = rounded(value);
    }
    for (auto& value : whitening.mean) value = rounded(value);
    return whitening;
}

StepDefinition step_of(const Whitening& whitening) {
    StepDefinition step;
    step.name = "whiten";
    step.parameters =
        nlohmann::json{{"mean", whitening.mean}, {"components", whitening.components}, {"scale", 1.0}}.dump();
    return step;
}

Dataset whitened(const Dataset& data, const Whitening& whitening) {
    const auto step = prepare::make_step(step_of(whitening));
    (void)step->bind(std::vector<BandInfo>(static_cast<std::size_t>(data.bands)));
    Dataset result = data;
    for (auto& scene : result.scenes) {
        Cube cube = cube_of(scene);
        step->apply(cube);
        put_back(cube, scene);
    }
    Cube dark;
    dark.reset({0, 0, 1, 1}, data.bands);
    for (int band = 0; band < data.bands; ++band)
        dark.band(band)[0] = data.dark[static_cast<std::size_t>(band)];
    step->apply(dark);
    for (int band = 0; band < data.bands; ++band)
        result.dark[static_cast<std::size_t>(band)] = dark.band(band)[0];
    return result;
}

}  // namespace spectile::training
