#pragma once

#include <cstdint>
#include <vector>

#include "models/networks/spectral_gpt/pass.hpp"

namespace spectile::networks::gpt {

/// What a pass of training leaves out at random. Every number is a function of a sample's key and of the
/// place in the network, so neither the batch nor the threads change it, and a training that goes on needs no
/// state of a generator.
struct Drops {
    double paths = 0;         ///< Share of the last block's branches; rises linearly from 0 at the first.
    double values = 0;        ///< Share of the values behind the dense head's layers.
    bool only_fused = false;  ///< Of the dense head only the layers that join scales, as in change detection.
    std::vector<std::uint64_t> keys;  ///< One for each sample of the batch.
};

/// Share of the branches of block `i` of `depth` that are left out.
double path_rate(const Drops& drops, int i, int depth);

/// A residual branch, [batch, ...], left out of some samples and enlarged in the others, so that its
/// expectation stays. `rate` 0, or a pass without drops: the branch itself.
/// Source   Huang et al., "Deep Networks with Stochastic Depth", 2016; scaled while training, as published.
at::Tensor drop_path(const Pass& pass, const at::Tensor& branch, double rate, std::uint64_t place);

/// Dropout of single values, [batch, ...], in the same manner, by the share of the pass.
at::Tensor drop_values(const Pass& pass, const at::Tensor& x, std::uint64_t place);

}  // namespace spectile::networks::gpt
