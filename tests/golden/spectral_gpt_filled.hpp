#pragma once

#include <ATen/ops/empty.h>

#include <cmath>

#include "golden/spectral_gpt_case.hpp"

// Full-size networks whose weights are a formula over their names, so that no file has to hold them.

namespace spectile::test {

/// Numbers in [0, 1) from a name and an index: 32-bit FNV-1a, then a bit mixer, as the golden README says.
class Filler {
public:
    explicit Filler(const std::string& name) {
        for (const char letter : name)
            hash_ = (hash_ ^ static_cast<std::uint8_t>(letter)) * std::uint32_t{0x01000193};
    }
    double operator()(std::int64_t index) const {
        std::uint32_t x = hash_ + static_cast<std::uint32_t>(index) * std::uint32_t{2654435761};
        x = (x ^ (x >> 16)) * std::uint32_t{0x7FEB352D};
        x = (x ^ (x >> 15)) * std::uint32_t{0x846CA68B};
        return static_cast<double>(x ^ (x >> 16)) * 0x1p-32;
    }

private:
    std::uint32_t hash_ = 0x811C9DC5;
};

template <typename Value>
at::Tensor filled(const std::vector<std::int64_t>& shape, Value value) {
    auto tensor = at::empty(shape, at::kFloat);
    float* data = tensor.data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) data[i] = static_cast<float>(value(i));
    return tensor;
}

inline at::Tensor filled_weight(const std::string& name, const std::vector<std::int64_t>& shape) {
    const Filler random(name);
    double scale = 0.1, offset = 0;
    if (name.find("pos_embed") != std::string::npos || name.find("token") != std::string::npos) {
        scale = 0.2;
    } else if (shape.size() > 1) {
        double inputs = 1;
        for (std::size_t axis = 1; axis < shape.size(); ++axis) inputs *= static_cast<double>(shape[axis]);
        scale = std::sqrt(3 / inputs);
    } else if (name.ends_with("weight")) {
        scale = 0.2, offset = 1;
    }
    return filled(shape, [&](std::int64_t i) { return offset + scale * (2 * random(i) - 1); });
}

inline at::Tensor filled_input(const std::string& name, const std::vector<std::int64_t>& shape) {
    const Filler random(name);
    return filled(shape, [&](std::int64_t i) { return random(i); });
}

/// The network of the configuration with filled weights, whose first numbers must be those of the file.
inline std::unique_ptr<networks::SpectralGpt> filled_network(const entries::SpectralGptConfig& config,
                                                             const GoldenFile& file) {
    std::map<std::string, at::Tensor> tensors;
    for (const auto& wanted : networks::spectral_gpt_layout(config))
        tensors[wanted.name] = filled_weight(wanted.name, wanted.shape);
    for (const auto& [key, probe] : file.tensors)
        if (key.starts_with("probe.") && key != "probe.input") {
            EXPECT_EQ(tensor_error(tensors.at(key.substr(6)).flatten().narrow(0, 0, 8), probe), 0) << key;
        }
    return std::make_unique<networks::SpectralGpt>(config, std::move(tensors));
}

}  // namespace spectile::test
