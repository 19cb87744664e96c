#include "models/networks/layers/causal_conv.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/causal_conv.hpp"
#include "models/networks/layers/pointer.hpp"

namespace spectile::networks {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Tokens one after the other with their channels side by side: what the kernel walks without a copy.
at::Tensor in_rows(const at::Tensor& x) {
    return x.stride(2) == 1 && x.stride(0) == x.size(1) * x.stride(1) ? x : x.contiguous();
}

kernels::CausalConv causal_conv_of(const at::Tensor& x, const at::Tensor& taps, const at::Tensor& bias) {
    return {.batch = x.size(0),
            .length = x.size(1),
            .channels = x.size(2),
            .taps = taps.size(0),
            .x_stride = x.stride(1),
            .x = pointer(x),
            .weight = pointer(taps),
            .bias = pointer(bias)};
}

struct KernelCausalConv : torch::autograd::Function<KernelCausalConv> {
    /// weight: [taps, channels].
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                              const at::Tensor& bias) {
        const variable_list t = {in_rows(x), weight.contiguous(), bias.contiguous()};
        const auto conv = causal_conv_of(t[0], t[1], t[2]);
        const at::Tensor out = at::empty({conv.batch, conv.length, conv.channels}, t[0].options());
        at::parallel_for(0, conv.batch, 4, [&](std::int64_t begin, std::int64_t end) {
            kernels::causal_conv_forward(conv, pointer(out), begin, end);
        });
        context->save_for_backward(t);
        return out;
    }

    static variable_list backward(AutogradContext* context, const variable_list& grads) {
        const variable_list t = context->get_saved_variables();
        const at::Tensor grad = grads[0].contiguous();
        variable_list out = {at::empty_like(grad), at::empty_like(t[1]), at::empty_like(t[2])};
        kernels::causal_conv_backward(causal_conv_of(t[0], t[1], t[2]), pointer(grad), pointer(out[0]),
                                      pointer(out[1]), pointer(out[2]));
        return out;
    }
};

}  // namespace

at::Tensor causal_conv(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return KernelCausalConv::apply(x, weight.flatten(1).transpose(0, 1), bias);
}

}  // namespace spectile::networks
