#pragma once

#include "models/networks/spectral_gpt/pass.hpp"

// What encoder and decoder are made of, each reading its weights under the pass's prefix.

namespace spectile::networks::gpt {

/// Over the last axis; epsilon 1e-6.
at::Tensor layer_norm(const Pass& pass, const at::Tensor& x);

/// Over the last axis, with a bias.
at::Tensor linear(const Pass& pass, const at::Tensor& x);

/// `depth` pre-norm transformer blocks under `name`, each shown: x: [batch, tokens, width]; the same comes
/// out.
///
/// Source   Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, equations 2 and 3; query, key and
/// value
///          by layers of their own.
at::Tensor blocks(const Pass& pass, const std::string& name, int depth, int heads, at::Tensor x);

}  // namespace spectile::networks::gpt
