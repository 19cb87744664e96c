#include "models/networks/spectral_mamba/initial_values.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "models/native/spectral_mamba_layout.hpp"

namespace spectile::networks {
namespace {

constexpr double kSmallestStep = 1e-3, kLargestStep = 1e-1,
                 kStepFloor = 1e-4;  // Mamba's dt_min, dt_max, dt_init_floor.

/// Uniform numbers that follow from the seed by the C++ standard alone (its distributions are not fixed by
/// it).
class Uniform {
public:
    explicit Uniform(std::uint64_t seed) : engine_(seed) {}
    double operator()(double low, double high) {
        return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
    }

private:
    std::mt19937_64 engine_;
};

bool ends_with(const std::string& name, const std::string& end) { return name.ends_with(end); }

/// Inputs that one output of the layer sees: LibTorch draws weight and bias from +-1/sqrt(fan_in).
double fan_in(const std::vector<std::int64_t>& weight_shape) {
    double count = 1;
    for (std::size_t axis = 1; axis < weight_shape.size(); ++axis)
        count *= static_cast<double>(weight_shape[axis]);
    return count;
}

/// The bias whose softplus is a step drawn log-uniformly.
double step_bias(Uniform& uniform) {
    const double step =
        std::max(std::exp(uniform(std::log(kSmallestStep), std::log(kLargestStep))), kStepFloor);
    return step + std::log(-std::expm1(-step));
}

}  // namespace

std::map<std::string, at::Tensor> spectral_mamba_initial_values(const entries::SpectralMambaConfig& config,
                                                                std::uint64_t seed) {
    Uniform uniform(seed);
    std::map<std::string, at::Tensor> values;
    double bound = 1;  // Of the layer at hand: a bias follows its weight in the layout.
    for (const auto& spec : native::spectral_mamba_layout(config)) {
        auto tensor = at::empty(spec.shape, at::kFloat);
        float* data = tensor.data_ptr<float>();
        const std::int64_t count = tensor.numel();
        const auto fill = [&](auto value) {
            for (std::int64_t i = 0; i < count; ++i) data[i] = static_cast<float>(value(i));
        };
        const bool weight = ends_with(spec.name, ".weight");
        if (ends_with(spec.name, "norm.weight") || ends_with(spec.name, "mixer.D")) {
            fill([](std::int64_t) { return 1.0; });
        } else if (ends_with(spec.name, "norm.bias")) {
            fill([](std::int64_t) { return 0.0; });
        } else if (ends_with(spec.name, "A_log")) {
            fill([&](std::int64_t i) { return std::log(static_cast<double>(i % config.d_state + 1)); });
        } else if (ends_with(spec.name, "dt_proj.bias")) {
            fill([&](std::int64_t) { return step_bias(uniform); });
        } else {
            if (weight) bound = 1 / std::sqrt(fan_in(spec.shape));  // dt_proj too: its fan-in is the rank.
            fill([&](std::int64_t) { return uniform(-bound, bound); });
        }
        values[spec.name] = tensor;
    }
    return values;
}

}  // namespace spectile::networks
