#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/entries/mim_istd_config.hpp"

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

struct MimWeight {
    std::string name;
    std::vector<std::int64_t> shape;
    Begin begin = Begin::zeros;
    double scale = 0;
    bool buffer = false;  ///< Running statistics of a batch normalisation.
};

/// Every tensor that the network reads, under the published names, in the order in which the network reads
/// them.
std::vector<MimWeight> mim_istd_layout(const entries::MimIstdConfig& config);

/// Shape of an entry that the published files hold and the network never reads.
struct UnreadEntry {
    std::string name;
    std::vector<std::int64_t> shape;
    bool counter = false;  ///< A whole number: batches seen by a batch normalisation.
};

/// The entries that complete the layout to a published file: relative positions for an image of `image_side`
/// pixels, the unused last norm, the counters. Only where `config` has an inner half by SS2D does this give
/// the published list.
std::vector<UnreadEntry> mim_istd_unread(const entries::MimIstdConfig& config, int image_side);

}  // namespace spectile::networks
