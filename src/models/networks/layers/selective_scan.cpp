#include "models/networks/layers/selective_scan.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/selective_scan.hpp"
#include "models/networks/layers/pointer.hpp"
#ifdef SPECTILE_CUDA_KERNELS
#include "kernels/device/scan_source.cuh"
#include "models/networks/layers/selective_scan_cuda.hpp"
#endif

namespace spectile::networks {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kBatchGrain = 4;  // Samples per task: below this a task costs more than it saves.

// An autograd function wants every input defined: an empty tensor stands for one that is not there.
at::Tensor or_empty(const at::Tensor& tensor) {
    return tensor.defined() ? tensor : at::empty({0}, at::kFloat);
}

/// Order of the tensors in the autograd function, forward and backward.
enum Slot { kU, kDelta, kA, kB, kC, kD, kZ, kDeltaBias, kSlots };

kernels::SelectiveScan scan_of(const variable_list& t, bool delta_softplus) {
    return {.batch = t[kU].size(0),
            .channels = t[kU].size(1),
            .length = t[kU].size(2),
            .states = t[kA].size(1),
            .u = pointer(t[kU]),
            .delta = pointer(t[kDelta]),
            .A = pointer(t[kA]),
            .B = pointer(t[kB]),
            .C = pointer(t[kC]),
            .D = pointer(t[kD]),
            .z = pointer(t[kZ]),
            .delta_bias = pointer(t[kDeltaBias]),
            .delta_softplus = delta_softplus};
}

/// Gradients with one row per sample for what is shared by the batch.
variable_list gradient_rows(const variable_list& t) {
    variable_list rows(kSlots);
    const auto per_sample = [&](const at::Tensor& shared) {
        std::vector<std::int64_t> shape = shared.sizes().vec();
        shape.insert(shape.begin(), t[kU].size(0));
        return at::empty(shape, shared.options());
    };
    for (const int slot : {kU, kDelta, kB, kC}) rows[slot] = at::empty_like(t[slot]);
    if (given(t[kZ])) rows[kZ] = at::empty_like(t[kZ]);
    for (const int slot : {kA, kD, kDeltaBias})
        if (given(t[slot])) rows[slot] = per_sample(t[slot]);
    return rows;
}

struct KernelScan : torch::autograd::Function<KernelScan> {
    static variable_list forward(AutogradContext* context, const at::Tensor& u, const at::Tensor& delta,
                                 const at::Tensor& A, const at::Tensor& B, const at::Tensor& C,
                                 const at::Tensor& D, const at::Tensor& z, const at::Tensor& delta_bias,
                                 bool delta_softplus) {
        variable_list t = {u, delta, A, B, C, D, z, delta_bias};
        for (auto& tensor : t) tensor = tensor.contiguous();
        const auto scan = scan_of(t, delta_softplus);
        const at::Tensor y = at::empty_like(t[kU]);
        const at::Tensor last_state = at::empty({scan.batch, scan.channels, scan.states}, u.options());
        at::parallel_for(0, scan.batch, kBatchGrain, [&](std::int64_t begin, std::int64_t end) {
            kernels::selective_scan_forward(scan, pointer(y), pointer(last_state), begin, end);
        });
        context->save_for_backward(t);
        context->saved_data["delta_softplus"] = delta_softplus;
        context->mark_non_differentiable({last_state});
        return {y, last_state};
    }

    static variable_list backward(AutogradContext* context, const variable_list& grads) {
        const variable_list t = context->get_saved_variables();
        const auto scan = scan_of(t, context->saved_data["delta_softplus"].toBool());
        const at::Tensor grad_y = grads[0].contiguous();
        variable_list out = gradient_rows(t);
        const kernels::SelectiveScanGradients gradients = {.d_u = pointer(out[kU]),
                                                           .d_delta = pointer(out[kDelta]),
                                                           .d_A = pointer(out[kA]),
                                                           .d_B = pointer(out[kB]),
                                                           .d_C = pointer(out[kC]),
                                                           .d_D = pointer(out[kD]),
                                                           .d_z = pointer(out[kZ]),
                                                           .d_delta_bias = pointer(out[kDeltaBias])};
        at::parallel_for(0, scan.batch, kBatchGrain, [&](std::int64_t begin, std::int64_t end) {
            kernels::selective_scan_backward(scan, pointer(grad_y), gradients, begin, end);
        });
        for (const int slot : {kA, kD, kDeltaBias})
            if (out[slot].defined()) out[slot] = out[slot].sum(0);
        out.emplace_back();  // delta_softplus has no gradient.
        return out;
    }
};

}  // namespace

ScanOutput selective_scan(const ScanInput& in) {
#ifdef SPECTILE_CUDA_KERNELS
    if (in.u.scalar_type() == at::kFloat && in.u.is_cuda() && in.A.size(1) <= kernels::device::kStates)
        return selective_scan_cuda(in);
#endif
    if (in.u.scalar_type() != at::kFloat || !in.u.device().is_cpu()) return selective_scan_reference(in);
    const auto out = KernelScan::apply(in.u, in.delta, in.A, in.B, in.C, or_empty(in.D), or_empty(in.z),
                                       or_empty(in.delta_bias), in.delta_softplus);
    return {out[0], out[1]};
}

}  // namespace spectile::networks
