#include "models/networks/layers/four_way_scan_cuda.hpp"

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

/// Order of the tensors in the autograd function; the states that the backward pass starts from come after.
enum Slot { kU, kProjected, kDtWeight, kDtBias, kA, kD, kSlots };

void require(const char* fault) {
    if (fault != nullptr) throw std::runtime_error(fault);
}

kernels::device::FourDirections directions_of(const variable_list& t, std::int64_t rows, std::int64_t cols) {
    kernels::device::FourDirections out{};
    out.sizes = {t[kU].size(0) * 4, t[kU].size(2), rows * cols, kernels::device::kStates};
    out.rows = static_cast<std::int32_t>(rows);
    out.cols = static_cast<std::int32_t>(cols);
    out.rank = static_cast<std::int32_t>(t[kDtWeight].size(2));
    out.x = pointer(t[kU]);
    out.projected = pointer(t[kProjected]);
    out.dt_weight = pointer(t[kDtWeight]);
    out.dt_bias = pointer(t[kDtBias]);
    out.A = pointer(t[kA]);
    out.D = pointer(t[kD]);
    return out;
}

at::Tensor floats(std::int64_t count, const at::Tensor& like) { return at::empty({count}, like.options()); }

/// Gradients by the kernels; of what the images share one row for each of them, added here in their order.
variable_list gradients_of(const variable_list& t, const kernels::device::FourDirections& directions,
                           const at::Tensor& grad_y) {
    const auto& sizes = directions.sizes;
    const std::int64_t images = sizes.samples / 4, channels = sizes.channels,
                       pieces = kernels::ss2d_weight_pieces(sizes);
    const auto rows = [&](at::IntArrayRef shape) { return at::empty(shape, t[kU].options()); };
    const auto weight = rows({images, 4, pieces, directions.rank, channels}),
               bias = rows({images, 4, channels}), D = rows({images, 4, channels}),
               A = rows({images, 4, channels, sizes.states});
    const auto scratch = floats(kernels::ss2d_scratch_floats(sizes), t[kU]);
    variable_list out(kSlots);
    for (const int slot : {kU, kProjected}) out[slot] = at::empty_like(t[slot]);
    require(kernels::cuda_ss2d_backward(directions, pointer(grad_y), pointer(t[kSlots]),
                                        {pointer(out[kU]), pointer(out[kProjected]), pointer(weight),
                                         pointer(bias), pointer(D), pointer(A), pointer(scratch)},
                                        current_stream(t[kU].device())));
    out[kDtWeight] = weight.sum(at::IntArrayRef({0, 2})).transpose(1, 2);
    out[kDtBias] = bias.sum(0);
    out[kA] = A.sum(0).flatten(0, 1);
    out[kD] = D.sum(0).flatten();
    return out;
}

struct CudaFourWay : torch::autograd::Function<CudaFourWay> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& u, const at::Tensor& projected,
                              const at::Tensor& dt_weight, const at::Tensor& dt_bias, const at::Tensor& A,
                              const at::Tensor& D, std::int64_t rows, std::int64_t cols, bool trains) {
        const c10::DeviceGuard guard(u.device());
        variable_list t = {u, projected, dt_weight, dt_bias, A, D};
        for (auto& tensor : t) tensor = tensor.contiguous();
        const auto directions = directions_of(t, rows, cols);
        const auto& sizes = directions.sizes;
        t.push_back(floats(trains ? kernels::scan_checkpoint_floats(sizes) : 0, u));
        const at::Tensor y = at::empty_like(t[kU]);
        const at::Tensor scans = floats(4 * y.numel(), u);
        require(kernels::cuda_ss2d_sum(directions, pointer(scans), pointer(t[kSlots]), pointer(y),
                                       current_stream(u.device())));
        context->save_for_backward(t);
        context->saved_data["rows"] = rows;
        context->saved_data["cols"] = cols;
        return y;
    }

    static variable_list backward(AutogradContext* context, const variable_list& grads) {
        const variable_list t = context->get_saved_variables();
        const c10::DeviceGuard guard(t[kU].device());
        const auto directions =
            directions_of(t, context->saved_data["rows"].toInt(), context->saved_data["cols"].toInt());
        auto out = gradients_of(t, directions, grads[0].contiguous());
        out.resize(kSlots + 3);  // rows, cols and trains have no gradient.
        return out;
    }
};

}  // namespace

at::Tensor four_way_scan_cuda(const FourWayInput& in) {
    return CudaFourWay::apply(in.u, in.projected, in.dt_weight, in.dt_bias, in.A, in.D, in.rows, in.cols,
                              at::GradMode::is_enabled());
}

}  // namespace spectile::networks
