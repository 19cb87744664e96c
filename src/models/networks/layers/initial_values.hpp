#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace spectile::networks {

/// What a tensor holds before training.
enum class Begin {
    zeros,
    ones,
    truncated,   ///< Normal, standard deviation 0.02, cut at +-2.
    normal,      ///< Normal, standard deviation `scale`.
    uniform,     ///< Uniform in +-`scale`.
    log_states,  ///< log(1), log(2), ... along the last axis.
    step_bias,   ///< The number whose softplus is a step drawn log-uniformly from 0.001 to 0.1.
};

/// One tensor of a network's layout.
struct LayoutTensor {
    std::string name;  ///< As published.
    std::vector<std::int64_t> shape;
    Begin begin = Begin::zeros;
    double scale = 0;
    bool buffer = false;  ///< Running statistics of a batch normalisation.
};

/// Every tensor of the layout by name, float32, drawn from `seed` alone: the same on every machine and
/// LibTorch.
std::map<std::string, at::Tensor> draw_initial_values(const std::vector<LayoutTensor>& layout,
                                                      std::uint64_t seed);

}  // namespace spectile::networks
