#include "models/networks/layers/initial_values.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace spectile::networks {
namespace {

constexpr double kSmallestStep = 1e-3, kLargestStep = 1e-1, kStepFloor = 1e-4;
constexpr double kTruncatedDeviation = 0.02, kCut = 2;

/// Numbers that follow from the seed by the C++ standard alone (its distributions are not fixed by it).
class Draws {
public:
    explicit Draws(std::uint64_t seed) : engine_(seed) {}
    double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
    double normal() {
        const double radius = std::sqrt(-2 * std::log(1 - uniform()));
        return radius * std::cos(2 * std::numbers::pi * uniform());
    }
    double step_bias() {
        const double low = std::log(kSmallestStep), high = std::log(kLargestStep);
        const double step = std::max(std::exp(low + (high - low) * uniform()), kStepFloor);
        return step + std::log(-std::expm1(-step));
    }
    double truncated() {
        double value = kTruncatedDeviation * normal();
        while (std::abs(value) > kCut) value = kTruncatedDeviation * normal();
        return value;
    }

private:
    std::mt19937_64 engine_;
};

double value_of(const LayoutTensor& weight, std::int64_t index, Draws& draws) {
    switch (weight.begin) {
        case Begin::zeros:
            return 0;
        case Begin::ones:
            return 1;
        case Begin::truncated:
            return draws.truncated();
        case Begin::normal:
            return weight.scale * draws.normal();
        case Begin::uniform:
            return weight.scale * (2 * draws.uniform() - 1);
        case Begin::log_states:
            return std::log(static_cast<double>(index % weight.shape.back() + 1));
        case Begin::step_bias:
            return draws.step_bias();
    }
    return 0;
}

}  // namespace

std::map<std::string, at::Tensor> draw_initial_values(const std::vector<LayoutTensor>& layout,
                                                      std::uint64_t seed) {
    Draws draws(seed);
    std::map<std::string, at::Tensor> values;
    for (const auto& weight : layout) {
        auto tensor = at::empty(weight.shape, at::kFloat);
        float* data = tensor.data_ptr<float>();
        for (std::int64_t i = 0; i < tensor.numel(); ++i)
            data[i] = static_cast<float>(value_of(weight, i, draws));
        values[weight.name] = tensor;
    }
    return values;
}

}  // namespace spectile::networks
