#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/depthwise.hpp"
#include "kernels/gated_norm.hpp"
#include "models/networks/layers/four_way_scan.hpp"
#include "models/networks/layers/pointer.hpp"

namespace spectile::networks {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

kernels::Depthwise conv_of(const at::Tensor& x, const at::Tensor& taps, const at::Tensor& bias) {
    return {.batch = x.size(0),
            .rows = x.size(1),
            .cols = x.size(2),
            .channels = x.size(3),
            .x = pointer(x),
            .weight = pointer(taps),
            .bias = pointer(bias)};
}

struct KernelDepthwise : torch::autograd::Function<KernelDepthwise> {
    /// weight: [9, channels].
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                              const at::Tensor& bias) {
        const variable_list t = {x.contiguous(), weight.contiguous(), bias.contiguous()};
        const auto conv = conv_of(t[0], t[1], t[2]);
        const at::Tensor out = at::empty_like(t[0]);
        at::parallel_for(0, conv.batch * conv.rows, 8, [&](std::int64_t begin, std::int64_t end) {
            kernels::depthwise_forward(conv, pointer(out), begin, end);
        });
        context->save_for_backward(t);
        return out;
    }

    static variable_list backward(AutogradContext* context, const variable_list& grads) {
        const variable_list t = context->get_saved_variables();
        const at::Tensor grad = grads[0].contiguous();
        variable_list out = {at::empty_like(t[0]), at::empty_like(t[1]), at::empty_like(t[2])};
        kernels::depthwise_backward(conv_of(t[0], t[1], t[2]), pointer(grad), pointer(out[0]),
                                    pointer(out[1]), pointer(out[2]));
        return out;
    }
};

}  // namespace

at::Tensor depthwise_channels_last(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return KernelDepthwise::apply(x, weight.flatten(1).transpose(0, 1), bias);
}

at::Tensor depthwise_silu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                          std::int64_t rows) {
    const auto taps = weight.flatten(1).transpose(0, 1).contiguous();
    const std::int64_t batch = x.size(0), tokens = x.size(1), channels = x.size(2) / 2;
    const kernels::Depthwise conv = {.batch = batch,
                                     .rows = rows,
                                     .cols = tokens / rows,
                                     .channels = channels,
                                     .x = pointer(x),
                                     .weight = pointer(taps),
                                     .bias = pointer(bias),
                                     .x_stride = 2 * channels,
                                     .silu = true};
    const at::Tensor out = at::empty({batch, tokens, channels}, x.options());
    at::parallel_for(0, batch * rows, 8, [&](std::int64_t begin, std::int64_t end) {
        kernels::depthwise_forward(conv, pointer(out), begin, end);
    });
    return out;
}

at::Tensor gate_and_norm(const at::Tensor& y, const at::Tensor& both, const at::Tensor& weight,
                         const at::Tensor& bias) {
    const std::int64_t channels = y.size(2);
    const kernels::GatedNorm gated = {.channels = channels,
                                      .z_stride = 2 * channels,
                                      .weight = pointer(weight),
                                      .bias = pointer(bias),
                                      .z = pointer(both) + channels,
                                      .y = pointer(y)};
    at::parallel_for(0, y.size(0) * y.size(1), 64, [&](std::int64_t begin, std::int64_t end) {
        kernels::gate_and_norm(gated, begin, end);
    });
    return y;
}

}  // namespace spectile::networks
