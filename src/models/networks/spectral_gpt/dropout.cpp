#include "models/networks/spectral_gpt/dropout.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include "models/networks/layers/counter_random.hpp"
#include "spectile/error.hpp"

namespace spectile::networks::gpt {
namespace {

void require_keys(const Drops& drops, const at::Tensor& x) {
    if (static_cast<std::int64_t>(drops.keys.size()) != x.size(0))
        throw Error(Code::internal, "spectral_gpt: a key is missing for each sample of a training pass");
}

/// Where values of branches and of layers are told apart.
constexpr std::uint64_t kPaths = 1, kValues = 2;

}  // namespace

double path_rate(const Drops& drops, int i, int depth) {
    return depth > 1 ? drops.paths * i / (depth - 1) : drops.paths;
}

at::Tensor drop_path(const Pass& pass, const at::Tensor& branch, double rate, std::uint64_t place) {
    if (pass.drops == nullptr || rate <= 0) return branch;
    require_keys(*pass.drops, branch);
    const auto factors = at::empty({branch.size(0)}, at::kFloat);
    float* factor = factors.data_ptr<float>();
    const auto kept = static_cast<float>(1 / (1 - rate));
    for (const auto key : pass.drops->keys)
        *factor++ = uniform_of(key_of({key, kPaths, place}), 0) < rate ? 0.0F : kept;
    std::vector<std::int64_t> shape(static_cast<std::size_t>(branch.dim()), 1);
    shape.front() = branch.size(0);
    return branch * factors.to(branch.device()).view(shape);
}

at::Tensor drop_values(const Pass& pass, const at::Tensor& x, std::uint64_t place) {
    if (pass.drops == nullptr || pass.drops->values <= 0) return x;
    require_keys(*pass.drops, x);
    const double rate = pass.drops->values;
    const auto factors = at::empty(x.sizes(), at::kFloat);
    float* factor = factors.data_ptr<float>();
    const auto kept = static_cast<float>(1 / (1 - rate));
    const auto count = static_cast<std::uint64_t>(x.numel() / x.size(0));
    for (const auto key : pass.drops->keys) {
        const auto of_sample = key_of({key, kValues, place});
        for (std::uint64_t i = 0; i < count; ++i) *factor++ = uniform_of(of_sample, i) < rate ? 0.0F : kept;
    }
    return x * factors.to(x.device());
}

}  // namespace spectile::networks::gpt
