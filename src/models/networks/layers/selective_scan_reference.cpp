#include <ATen/TensorOperators.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include "models/networks/layers/selective_scan.hpp"

namespace spectile::networks {

ScanOutput selective_scan_reference(const ScanInput& in) {
    at::Tensor delta = in.delta;
    if (in.delta_bias.defined()) delta = delta + in.delta_bias.unsqueeze(-1);
    if (in.delta_softplus) delta = at::softplus(delta);
    const at::Tensor delta_u = delta * in.u;
    at::Tensor state = at::zeros({in.u.size(0), in.u.size(1), in.A.size(1)}, in.u.options());
    std::vector<at::Tensor> steps;
    for (std::int64_t t = 0; t < in.u.size(2); ++t) {
        const at::Tensor decay = at::exp(delta.select(2, t).unsqueeze(-1) * in.A);
        const at::Tensor input = delta_u.select(2, t).unsqueeze(-1) * in.B.select(2, t).unsqueeze(1);
        state = decay * state + input;
        steps.push_back((state * in.C.select(2, t).unsqueeze(1)).sum(-1));
    }
    at::Tensor y = at::stack(steps, 2);
    if (in.D.defined()) y = y + in.D.unsqueeze(-1) * in.u;
    if (in.z.defined()) y = y * at::silu(in.z);
    return {y, state};
}

}  // namespace spectile::networks
