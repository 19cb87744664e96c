#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/entries/mim_istd_config.hpp"
#include "models/networks/layers/initial_values.hpp"

namespace spectile::networks {

/// Every tensor that the network reads, under the published names, in the order in which the network reads
/// them.
std::vector<LayoutTensor> mim_istd_layout(const entries::MimIstdConfig& config);

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
