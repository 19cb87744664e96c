#pragma once

#include "kernels/plane_conv.hpp"
#include "models/networks/mim_istd/pass.hpp"

// The network's layers on images [batch, channels, rows, cols] by the project's kernels, where nothing is to
// be differentiated (`infers_by_kernel`). Each splits its work over LibTorch's intra-op threads, without
// change to a byte.

namespace spectile::networks::mim {

/// `conv_mlp` of contiguous [batch, channels, rows, cols].
at::Tensor conv_mlp_by_kernel(const Pass& pass, const at::Tensor& x);
/// Adds it to `sum`, as many values in the same order.
void add_conv_mlp_by_kernel(const Pass& pass, const at::Tensor& x, const at::Tensor& sum);

/// What follows a convolution: activation(batch_norm(...) + added).
struct After {
    kernels::Activation activation = kernels::Activation::none;
    std::int64_t stride = 1;
    at::Tensor added;  ///< Undefined: nothing.
};
/// A convolution's pass and that of the batch normalisation after it.
at::Tensor conv_norm_by_kernel(const Pass& conv, const Pass& norm, const at::Tensor& x, const After& after);

/// A convolution of stride 1 with a bias.
at::Tensor conv_by_kernel(const Pass& pass, const at::Tensor& x);

/// GELU(batch_norm1(transposed_conv(x))), of an up-sampling module: rows and columns are doubled.
at::Tensor double_by_kernel(const Pass& pass, const at::Tensor& x);

/// A patch expansion and its layer normalisation, plus `added` where it is defined.
at::Tensor expand_by_kernel(const Pass& pass, const at::Tensor& x, const at::Tensor& added);

}  // namespace spectile::networks::mim
