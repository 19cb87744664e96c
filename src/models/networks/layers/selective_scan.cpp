#include "models/networks/layers/selective_scan.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/selective_scan.hpp"
#include "models/networks/layers/full_precision.hpp"
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

/// Whether a [batch, channels, length] tensor is the transpose of one whose tokens hold their channels side
/// by side, so that the kernel can walk it as it lies.
bool is_tokens_first(const at::Tensor& tensor) {
    return tensor.stride(1) == 1 && tensor.stride(0) == tensor.size(2) * tensor.stride(2);
}

/// Tensors as the kernel takes them; `tokens_first`: all of them lie that way.
variable_list as_they_lie(variable_list t, bool& tokens_first) {
    tokens_first = true;
    for (const int slot : {kU, kDelta, kB, kC, kZ})
        tokens_first = tokens_first && (!given(t[slot]) || is_tokens_first(t[slot]));
    for (int slot = 0; slot < kSlots; ++slot)
        if (!tokens_first || slot == kA || slot == kD || slot == kDeltaBias) t[slot] = t[slot].contiguous();
    return t;
}

/// Empty and of the same sizes; tokens first where the scan is.
at::Tensor empty_as(const at::Tensor& tensor, bool tokens_first) {
    if (!tokens_first) return at::empty(tensor.sizes(), tensor.options());
    return at::empty({tensor.size(0), tensor.size(2), tensor.size(1)}, tensor.options()).transpose(1, 2);
}

/// Without gaps, in the scan's order.
at::Tensor dense(const at::Tensor& tensor, bool tokens_first) {
    return tokens_first ? tensor.transpose(1, 2).contiguous().transpose(1, 2) : tensor.contiguous();
}

kernels::SelectiveScan scan_of(const variable_list& t, bool delta_softplus, bool tokens_first) {
    const auto stride = [](const at::Tensor& tensor) { return given(tensor) ? tensor.stride(2) : 0; };
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
            .delta_softplus = delta_softplus,
            .tokens_first = tokens_first,
            .u_stride = stride(t[kU]),
            .delta_stride = stride(t[kDelta]),
            .z_stride = stride(t[kZ]),
            .B_stride = stride(t[kB]),
            .C_stride = stride(t[kC])};
}

/// Gradients with one row per sample for what is shared by the batch.
variable_list gradient_rows(const variable_list& t, bool tokens_first) {
    variable_list rows(kSlots);
    const auto per_sample = [&](const at::Tensor& shared) {
        std::vector<std::int64_t> shape = shared.sizes().vec();
        shape.insert(shape.begin(), t[kU].size(0));
        return at::empty(shape, shared.options());
    };
    for (const int slot : {kU, kDelta, kB, kC}) rows[slot] = empty_as(t[slot], tokens_first);
    if (given(t[kZ])) rows[kZ] = empty_as(t[kZ], tokens_first);
    for (const int slot : {kA, kD, kDeltaBias})
        if (given(t[slot])) rows[slot] = per_sample(t[slot]);
    return rows;
}

struct KernelScan : torch::autograd::Function<KernelScan> {
    static variable_list forward(AutogradContext* context, const at::Tensor& u, const at::Tensor& delta,
                                 const at::Tensor& A, const at::Tensor& B, const at::Tensor& C,
                                 const at::Tensor& D, const at::Tensor& z, const at::Tensor& delta_bias,
                                 bool delta_softplus) {
        bool tokens_first = false;
        const variable_list t = as_they_lie({u, delta, A, B, C, D, z, delta_bias}, tokens_first);
        const auto scan = scan_of(t, delta_softplus, tokens_first);
        const at::Tensor y = empty_as(t[kU], tokens_first);
        const at::Tensor last_state = at::empty({scan.batch, scan.channels, scan.states}, u.options());
        at::parallel_for(0, scan.batch, kBatchGrain, [&](std::int64_t begin, std::int64_t end) {
            kernels::selective_scan_forward(scan, pointer(y), pointer(last_state), begin, end);
        });
        context->save_for_backward(t);
        context->saved_data["delta_softplus"] = delta_softplus;
        context->saved_data["tokens_first"] = tokens_first;
        context->mark_non_differentiable({last_state});
        return {y, last_state};
    }

    static variable_list backward(AutogradContext* context, const variable_list& grads) {
        const variable_list t = context->get_saved_variables();
        const bool tokens_first = context->saved_data["tokens_first"].toBool();
        const auto scan = scan_of(t, context->saved_data["delta_softplus"].toBool(), tokens_first);
        const at::Tensor grad_y = dense(grads[0], tokens_first);
        variable_list out = gradient_rows(t, tokens_first);
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

/// States are sums over a whole sequence: an autocast does not reach them.
ScanInput in_full_precision(ScanInput in) {
    for (auto* tensor : {&in.u, &in.delta, &in.A, &in.B, &in.C, &in.D, &in.z, &in.delta_bias})
        *tensor = full_precision(*tensor);
    return in;
}

}  // namespace

ScanOutput selective_scan(const ScanInput& input) {
    const ScanInput in = in_full_precision(input);
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
