#include "models/networks/layers/selective_scan_cuda.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/DeviceGuard.h>
#include <torch/csrc/autograd/custom_function.h>

#include <stdexcept>

#include "kernels/cuda_launchers.hpp"
#include "models/networks/layers/current_stream.hpp"
#include "models/networks/layers/pointer.hpp"

namespace spectile::networks {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Order of the tensors in the autograd function.
enum Slot { kU, kDelta, kA, kB, kC, kD, kZ, kDeltaBias, kSlots };

void require(const char* fault) {
    if (fault != nullptr) throw std::runtime_error(fault);
}

/// A [batch, columns, tokens] tensor with its own strides.
template <class Float>
kernels::device::Strided<Float> view(const at::Tensor& tensor) {
    if (!given(tensor)) return {};
    return {tensor.data_ptr<float>(), tensor.stride(0), tensor.stride(2), tensor.stride(1)};
}
kernels::device::Input in(const at::Tensor& tensor) { return view<const float>(tensor); }
kernels::device::Output out(const at::Tensor& tensor) { return view<float>(tensor); }

kernels::device::PlainScan scan_of(const variable_list& t, bool delta_softplus) {
    return {{t[kU].size(0), t[kU].size(1), t[kU].size(2), t[kA].size(1)},
            in(t[kU]),
            in(t[kDelta]),
            in(t[kZ]),
            in(t[kB]),
            in(t[kC]),
            pointer(t[kA]),
            pointer(t[kD]),
            pointer(t[kDeltaBias]),
            delta_softplus};
}

at::Tensor floats(std::int64_t count, const at::Tensor& like) { return at::empty({count}, like.options()); }

/// Gradients, with one row per sample for what the batch shares.
variable_list gradient_rows(const variable_list& t) {
    variable_list rows(kSlots);
    for (const int slot : {kU, kDelta, kZ, kB, kC})
        if (given(t[slot])) rows[slot] = at::empty_like(t[slot]);
    for (const int slot : {kA, kD, kDeltaBias}) {
        if (!given(t[slot])) continue;
        auto shape = t[slot].sizes().vec();
        shape.insert(shape.begin(), t[kU].size(0));
        rows[slot] = at::empty(shape, t[slot].options());
    }
    return rows;
}

struct CudaScan : torch::autograd::Function<CudaScan> {
    static variable_list forward(AutogradContext* context, const at::Tensor& u, const at::Tensor& delta,
                                 const at::Tensor& A, const at::Tensor& B, const at::Tensor& C,
                                 const at::Tensor& D, const at::Tensor& z, const at::Tensor& delta_bias,
                                 bool delta_softplus, bool trains) {
        const c10::DeviceGuard guard(u.device());
        variable_list t = {u, delta, A.contiguous(), B, C, D.contiguous(), z, delta_bias.contiguous()};
        const auto scan = scan_of(t, delta_softplus);
        const at::Tensor y = at::empty_like(u);
        const at::Tensor last_state = at::empty({u.size(0), u.size(1), A.size(1)}, u.options());
        const at::Tensor checkpoints = floats(trains ? kernels::scan_checkpoint_floats(scan.sizes) : 0, u);
        require(kernels::cuda_selective_scan_forward(
            scan, out(y), {pointer(last_state), pointer(checkpoints)}, current_stream(u.device())));
        t.push_back(checkpoints);
        context->save_for_backward(t);
        context->saved_data["delta_softplus"] = delta_softplus;
        context->mark_non_differentiable({last_state});
        return {y, last_state};
    }

    static variable_list backward(AutogradContext* context, const variable_list& grads) {
        const variable_list t = context->get_saved_variables();
        const c10::DeviceGuard guard(t[kU].device());
        const auto scan = scan_of(t, context->saved_data["delta_softplus"].toBool());
        variable_list rows = gradient_rows(t);
        const at::Tensor parts = floats(kernels::scan_parts_floats(scan.sizes), t[kU]);
        const kernels::CudaScanGradients gradients = {
            out(rows[kU]), out(rows[kDelta]), out(rows[kZ]),     out(rows[kB]),
            out(rows[kC]), pointer(rows[kA]), pointer(rows[kD]), pointer(rows[kDeltaBias]),
            pointer(parts)};
        require(kernels::cuda_selective_scan_backward(scan, in(grads[0]), pointer(t[kSlots]), gradients,
                                                      current_stream(t[kU].device())));
        for (const int slot : {kA, kD, kDeltaBias})
            if (rows[slot].defined()) rows[slot] = rows[slot].sum(0);
        rows.resize(kSlots + 2);  // delta_softplus and trains have no gradient.
        return rows;
    }
};

}  // namespace

ScanOutput selective_scan_cuda(const ScanInput& input) {
    // An autograd function wants every input defined: an empty tensor stands for one that is not there.
    const auto or_empty = [&](const at::Tensor& tensor) {
        return tensor.defined() ? tensor : floats(0, input.u);
    };
    const auto result =
        CudaScan::apply(input.u, input.delta, input.A, input.B, input.C, or_empty(input.D), or_empty(input.z),
                        or_empty(input.delta_bias), input.delta_softplus, at::GradMode::is_enabled());
    return {result[0], result[1]};
}

}  // namespace spectile::networks
