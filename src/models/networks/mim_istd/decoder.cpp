#include "models/networks/mim_istd/decoder.hpp"

#include <ATen/TensorOperators.h>

#include "models/networks/layers/mixed.hpp"
#include "models/networks/mim_istd/by_kernel.hpp"
#include "models/networks/mim_istd/layers.hpp"

namespace spectile::networks::mim {
namespace {

/// [batch, 2c, rows, cols] to [batch, c, 2 rows, 2 cols]: a linear map to four pixels of c features each.
at::Tensor expand(const Pass& pass, const at::Tensor& x) {
    if (infers_by_kernel(pass, x)) return expand_by_kernel(pass, x, {});
    const std::int64_t batch = x.size(0), width = x.size(1) / 2, rows = x.size(2), cols = x.size(3);
    const auto pixels = mixed::linear(x.permute({0, 2, 3, 1}), pass["expand.weight"])
                            .view({batch, rows, cols, 2, 2, width})
                            .permute({0, 1, 3, 2, 4, 5})
                            .reshape({batch, 2 * rows, 2 * cols, width});
    return layer_norm(pass.in("norm"), pixels).permute({0, 3, 1, 2}).contiguous();
}

at::Tensor residual(const Pass& pass, const at::Tensor& x) {
    using kernels::Activation;
    const auto inside =
        conv_norm(pass.in("0"), pass.in("1"), x, {.activation = Activation::relu, .stride = 1, .added = {}});
    return conv_norm(pass.in("3"), pass.in("4"), inside,
                     {.activation = Activation::relu, .stride = 1, .added = x});
}

/// What came so far at twice its resolution, and the skip of that.
at::Tensor join(const Pass& pass, const std::string& level, const at::Tensor& x, const at::Tensor& skip) {
    if (infers_by_kernel(pass, x) && !pass.observed()) return expand_by_kernel(pass.in(level), x, skip);
    const auto expanded = expand(pass.in(level), x);
    pass.show(level, expanded);
    return expanded + skip;
}

}  // namespace

at::Tensor decode(const Pass& pass, const Skips& skips) {
    auto x = skips.back();
    for (int level = entries::MimIstdConfig::kStages - 1; level > 0; --level) {
        const std::string index = std::to_string(level);
        x = join(pass, "deconv" + index, x, skips[static_cast<std::size_t>(level - 1)]);
        for (const char* body : {".0.body", ".1.body"}) x = residual(pass.in("uplayer" + index + body), x);
        pass.show("uplayer" + index, x);
    }
    return x;
}

at::Tensor head(const Pass& pass, const at::Tensor& x, const at::Tensor& mask) {
    const Pass block = pass.in("head.block");
    auto inside = conv_norm(block.in("0"), block.in("1"), x,
                            {.activation = kernels::Activation::relu, .stride = 1, .added = {}});
    if (mask.defined()) inside = inside * mask;
    const auto logits =
        infers_by_kernel(pass, inside) ? conv_by_kernel(block.in("4"), inside) : conv(block.in("4"), inside);
    pass.show("head", logits);
    return logits;
}

}  // namespace spectile::networks::mim
