#pragma once

#include "models/networks/mim_istd/ss2d.hpp"

namespace spectile::networks::mim {

/// What flows through the encoder.
struct Tokens {
    at::Tensor words;  ///< [batch * sentences, words of a sentence, width]; undefined without an inner half.
    at::Tensor sentences;  ///< [batch, sentences, width]
};

/// One Mamba-in-Mamba block; `side` is that of the grid of sentences. The inner half runs where the pass has
/// its weights, else words pass through.
///
/// Source   Chen et al., arXiv 2403.02148, section III; steps 1 to 6 of the specification's 3.3.
Tokens mim_block(const Pass& pass, const Tokens& in, std::int64_t side);

}  // namespace spectile::networks::mim
