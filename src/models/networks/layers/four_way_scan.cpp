#include "models/networks/layers/four_way_scan.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "kernels/four_way_scan.hpp"
#include "models/networks/layers/full_precision.hpp"
#include "models/networks/layers/pointer.hpp"
#ifdef SPECTILE_CUDA_KERNELS
#include "models/networks/layers/four_way_scan_cuda.hpp"
#endif

namespace spectile::networks {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Pieces that a batch is cut into for the gradients of what it shares; fixed, so that the sums are.
constexpr std::int64_t kPieces = 16;

enum Slot { kU, kProjected, kDtWeight, kDtBias, kA, kD, kSlots };

kernels::FourWayScan scan_of(const variable_list& t, std::int64_t rows, std::int64_t cols) {
    return {.batch = t[kU].size(0),
            .rows = rows,
            .cols = cols,
            .channels = t[kU].size(2),
            .rank = t[kDtWeight].size(2),
            .u = pointer(t[kU]),
            .projected = pointer(t[kProjected]),
            .dt_weight = pointer(t[kDtWeight]),
            .dt_bias = pointer(t[kDtBias]),
            .A = pointer(t[kA]),
            .D = pointer(t[kD])};
}

/// Many short samples are shared out by samples, few long ones by groups of channels.
void run_forward(const kernels::FourWayScan& scan, float* y) {
    const kernels::FourWayCoefficients weights(scan);
    if (scan.batch >= at::get_num_threads() || weights.groups == 1) {
        at::parallel_for(0, scan.batch, 1, [&](std::int64_t begin, std::int64_t end) {
            kernels::four_way_scan_forward(scan, weights, y, {begin, end, 0, weights.groups});
        });
        return;
    }
    at::parallel_for(0, weights.groups, 1, [&](std::int64_t begin, std::int64_t end) {
        kernels::four_way_scan_forward(scan, weights, y, {0, scan.batch, begin, end});
    });
}

/// One row per piece of the batch for what the batch shares.
variable_list run_backward(const variable_list& t, const kernels::FourWayScan& scan, const float* grad) {
    const kernels::FourWayCoefficients weights(scan);
    const std::int64_t pieces = std::min(kPieces, scan.batch);
    variable_list out(kSlots);
    for (const int slot : {kU, kProjected}) out[slot] = at::empty_like(t[slot]);
    for (const int slot : {kDtWeight, kDtBias, kA, kD}) {
        auto shape = t[slot].sizes().vec();
        shape.insert(shape.begin(), pieces);
        out[slot] = at::empty(shape, t[slot].options());
    }
    at::parallel_for(0, pieces, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t piece = first; piece < last; ++piece) {
            const auto row = [&](int slot) { return pointer(out[slot]) + piece * t[slot].numel(); };
            kernels::four_way_scan_backward(scan, weights, grad,
                                            {.d_u = pointer(out[kU]),
                                             .d_projected = pointer(out[kProjected]),
                                             .d_dt_weight = row(kDtWeight),
                                             .d_dt_bias = row(kDtBias),
                                             .d_A = row(kA),
                                             .d_D = row(kD)},
                                            piece * scan.batch / pieces, (piece + 1) * scan.batch / pieces);
        }
    });
    for (const int slot : {kDtWeight, kDtBias, kA, kD}) out[slot] = out[slot].sum(0);
    return out;
}

struct KernelFourWay : torch::autograd::Function<KernelFourWay> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& u, const at::Tensor& projected,
                              const at::Tensor& dt_weight, const at::Tensor& dt_bias, const at::Tensor& A,
                              const at::Tensor& D, std::int64_t rows, std::int64_t cols) {
        variable_list t = {u, projected, dt_weight, dt_bias, A, D};
        for (auto& tensor : t) tensor = tensor.contiguous();
        const at::Tensor y = at::empty_like(t[kU]);
        run_forward(scan_of(t, rows, cols), pointer(y));
        context->save_for_backward(t);
        context->saved_data["rows"] = rows;
        context->saved_data["cols"] = cols;
        return y;
    }

    static variable_list backward(AutogradContext* context, const variable_list& grads) {
        const variable_list t = context->get_saved_variables();
        const at::Tensor grad = grads[0].contiguous();
        auto out = run_backward(
            t, scan_of(t, context->saved_data["rows"].toInt(), context->saved_data["cols"].toInt()),
            pointer(grad));
        out.resize(kSlots + 2);  // rows and cols have no gradient.
        return out;
    }
};

}  // namespace

bool has_four_way_scan(const at::Tensor& u) {
    if (u.scalar_type() == at::kDouble) return false;
#ifdef SPECTILE_CUDA_KERNELS
    if (u.is_cuda()) return true;
#endif
    return u.device().is_cpu();
}

at::Tensor four_way_scan(const FourWayInput& input) {
    FourWayInput in = input;
    for (auto* tensor : {&in.u, &in.projected, &in.dt_weight, &in.dt_bias, &in.A, &in.D})
        *tensor = full_precision(*tensor);
#ifdef SPECTILE_CUDA_KERNELS
    if (in.u.is_cuda()) return four_way_scan_cuda(in);
#endif
    return KernelFourWay::apply(in.u, in.projected, in.dt_weight, in.dt_bias, in.A, in.D, in.rows, in.cols);
}

}  // namespace spectile::networks
