#include "models/networks/mim_istd/planes_by_kernel.hpp"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/rsqrt.h>

#include "models/networks/layers/pointer.hpp"

namespace spectile::networks::mim {
namespace {

constexpr std::int64_t kRows = 16;  ///< Of a thread at least.

/// A batch normalisation by stored statistics as one multiplication and one addition.
struct NormMap {
    at::Tensor scale, shift;

    explicit NormMap(const Pass& pass)
        : scale(pass["weight"] * at::rsqrt(pass["running_var"] + 1e-5)),
          shift(pass["bias"] - pass["running_mean"] * scale) {}
    /// The same after a layer with a bias.
    NormMap(const Pass& pass, const at::Tensor& bias) : NormMap(pass) { shift = shift + bias * scale; }
    kernels::ChannelMap map() const { return {pointer(scale), pointer(shift)}; }
};

const float* floats_of(const Pass& pass, const std::string& name) { return pointer(pass[name]); }

/// What x and the result of an MLP have in common.
struct MlpPlaces {
    const float *x, *added;
    float* out;
};

void run_conv_mlp(const Pass& pass, const at::Tensor& x, const MlpPlaces& places) {
    const Pass first = pass.in("conv1x1_gelu_bn.conv3x3_gelu_bn");
    const NormMap norm1(first.in("2")), norm2(pass.in("act.1")), norm3(pass.in("conv1x1_pw.1"));
    const kernels::ConvMlp mlp = {.width = x.size(1),
                                  .hidden = first["0.weight"].size(0),
                                  .expand = floats_of(first, "0.weight"),
                                  .expand_bias = floats_of(first, "0.bias"),
                                  .taps = floats_of(pass, "conv3x3_dw.conv.weight"),
                                  .taps_bias = floats_of(pass, "conv3x3_dw.conv.bias"),
                                  .shrink = floats_of(pass, "conv1x1_pw.0.weight"),
                                  .shrink_bias = floats_of(pass, "conv1x1_pw.0.bias"),
                                  .norm1 = norm1.map(),
                                  .norm2 = norm2.map(),
                                  .norm3 = norm3.map()};
    const std::int64_t rows = x.size(2), floats = x.size(1) * rows * x.size(3);
    for (std::int64_t image = 0; image < x.size(0); ++image) {
        const std::int64_t at = image * floats;
        const kernels::ConvMlpImage one = {.rows = rows,
                                           .cols = x.size(3),
                                           .x = places.x + at,
                                           .added = places.added ? places.added + at : nullptr,
                                           .out = places.out + at};
        at::parallel_for(0, rows, kRows, [&](std::int64_t begin, std::int64_t end) {
            kernels::conv_mlp_forward(mlp, one, begin, end);
        });
    }
}

/// Calls body(image, begin, end) over the rows of each image of a batch; `first` holds what they share, and
/// what is added to the first.
template <typename Body>
void each_image(const kernels::PlaneConvImage& first, const at::Tensor& x, const at::Tensor& out, Body body) {
    for (std::int64_t i = 0; i < x.size(0); ++i) {
        kernels::PlaneConvImage image = first;
        image.x = pointer(x) + i * x.stride(0);
        image.out = pointer(out) + i * out.stride(0);
        if (first.added) image.added = first.added + i * out.stride(0);
        at::parallel_for(0, image.rows, kRows,
                         [&](std::int64_t begin, std::int64_t end) { body(image, begin, end); });
    }
}

at::Tensor run_conv(const at::Tensor& weight, const kernels::ChannelMap& norm, const at::Tensor& x,
                    const After& after) {
    const kernels::PlaneConv plane = {.inputs = weight.size(1),
                                      .outputs = weight.size(0),
                                      .taps = weight.size(2),
                                      .stride = after.stride,
                                      .weight = pointer(weight),
                                      .norm = norm,
                                      .activation = after.activation};
    const std::int64_t rows = x.size(2) / after.stride, cols = x.size(3) / after.stride;
    const at::Tensor out = at::empty({x.size(0), plane.outputs, rows, cols}, x.options());
    each_image({.rows = rows, .cols = cols, .x = nullptr, .added = pointer(after.added), .out = nullptr}, x,
               out, [&](const kernels::PlaneConvImage& image, std::int64_t begin, std::int64_t end) {
                   kernels::plane_conv_forward(plane, image, begin, end);
               });
    return out;
}

at::Tensor run_doubling(const kernels::PlaneDoubling& doubling, const at::Tensor& x,
                        const at::Tensor& added) {
    const std::int64_t rows = x.size(2), cols = x.size(3);
    const at::Tensor out = at::empty({x.size(0), doubling.outputs, 2 * rows, 2 * cols}, x.options());
    each_image({.rows = rows, .cols = cols, .x = nullptr, .added = pointer(added), .out = nullptr}, x, out,
               [&](const kernels::PlaneConvImage& image, std::int64_t begin, std::int64_t end) {
                   kernels::plane_doubling_forward(doubling, image, begin, end);
               });
    return out;
}

}  // namespace

at::Tensor conv_mlp_by_kernel(const Pass& pass, const at::Tensor& x) {
    const auto out = at::empty_like(x);
    run_conv_mlp(pass, x, {pointer(x), nullptr, pointer(out)});
    return out;
}

void add_conv_mlp_by_kernel(const Pass& pass, const at::Tensor& x, const at::Tensor& sum) {
    run_conv_mlp(pass, x, {pointer(x), pointer(sum), pointer(sum)});
}

at::Tensor conv_norm_by_kernel(const Pass& conv, const Pass& norm, const at::Tensor& x, const After& after) {
    const NormMap map = conv.has("bias") ? NormMap(norm, conv["bias"]) : NormMap(norm);
    return run_conv(conv["weight"], map.map(), x.contiguous(), after);
}

at::Tensor conv_by_kernel(const Pass& pass, const at::Tensor& x) {
    const auto& bias = pass["bias"];
    const auto ones = at::ones_like(bias);
    return run_conv(pass["weight"], {pointer(ones), pointer(bias)}, x.contiguous(), {});
}

at::Tensor double_by_kernel(const Pass& pass, const at::Tensor& x) {
    const NormMap map(pass.in("batch_norm1"), pass["transposed_conv.bias"]);
    const auto weight = pass["transposed_conv.weight"].permute({2, 3, 1, 0}).contiguous();
    return run_doubling({.inputs = x.size(1),
                         .outputs = weight.size(2),
                         .weight = pointer(weight),
                         .layer_norm = false,
                         .norm = map.map()},
                        x.contiguous(), {});
}

at::Tensor expand_by_kernel(const Pass& pass, const at::Tensor& x, const at::Tensor& added) {
    return run_doubling({.inputs = x.size(1),
                         .outputs = x.size(1) / 2,
                         .weight = floats_of(pass, "expand.weight"),
                         .layer_norm = true,
                         .norm = {floats_of(pass, "norm.weight"), floats_of(pass, "norm.bias")}},
                        x.contiguous(), added);
}

}  // namespace spectile::networks::mim
