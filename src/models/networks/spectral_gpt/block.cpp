#include "models/networks/spectral_gpt/block.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>

#include "models/networks/layers/attention.hpp"
#include "models/networks/layers/full_precision.hpp"
#include "models/networks/layers/mixed.hpp"
#include "models/networks/spectral_gpt/dropout.hpp"

namespace spectile::networks::gpt {
namespace {

constexpr double kEpsilon = 1e-6;

at::Tensor attend(const Pass& pass, const at::Tensor& x, int heads) {
    const auto q = linear(pass.in("q"), x), k = linear(pass.in("k"), x), v = linear(pass.in("v"), x);
    return linear(pass.in("proj"), pass.blockwise ? blockwise_attention(q, k, v, heads)
                                                  : attention(q, k, v, heads, pass.products));
}

/// Which of the blocks, for what training leaves out.
struct Place {
    int index = 0, depth = 1;
};

at::Tensor block(const Pass& pass, const at::Tensor& x, int heads, const Place& place) {
    const double rate = pass.drops ? path_rate(*pass.drops, place.index, place.depth) : 0;
    const auto branch = static_cast<std::uint64_t>(2 * place.index);
    const auto attended = attend(pass.in("attn"), layer_norm(pass.in("norm1"), x), heads);
    const auto mixed = x + drop_path(pass, attended, rate, branch);
    const auto hidden = at::gelu(linear(pass.in("mlp.fc1"), layer_norm(pass.in("norm2"), mixed)));
    return mixed + drop_path(pass, linear(pass.in("mlp.fc2"), hidden), rate, branch + 1);
}

}  // namespace

at::Tensor layer_norm(const Pass& pass, const at::Tensor& x) {
    const auto& weight = pass["weight"];
    return at::layer_norm(full_precision(x), weight.sizes(), weight, pass["bias"], kEpsilon);
}

at::Tensor linear(const Pass& pass, const at::Tensor& x) {
    return mixed::linear(x, pass["weight"], pass["bias"]);
}

at::Tensor blocks(const Pass& pass, const std::string& name, int depth, int heads, at::Tensor x) {
    for (int i = 0; i < depth; ++i) {
        const auto member = name + "." + std::to_string(i);
        x = block(pass.in(member), x, heads, {i, depth});
        pass.show(member, x);
    }
    return x;
}

}  // namespace spectile::networks::gpt
