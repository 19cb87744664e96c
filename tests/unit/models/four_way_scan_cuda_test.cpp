#include "models/networks/layers/four_way_scan_cuda.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/silu.h>
#include <gtest/gtest.h>

#include <map>

#include "models/networks/layers/selective_scan.hpp"
#include "support/golden_tensor.hpp"

// SS2D's layer over the CUDA launchers, with launchers that run the kernel bodies on the CPU
// (support/host_launchers.cpp).

namespace spectile::networks {
namespace {

/// One direction after the other by LibTorch's own operators.
at::Tensor by_operators(const FourWayInput& in) {
    const std::int64_t channels = in.u.size(2), rank = in.dt_weight.size(2), states = in.A.size(1);
    const auto row_major = at::arange(in.rows * in.cols), grid = row_major.view({in.rows, in.cols});
    at::Tensor sum;
    for (const std::int64_t k : {0, 2, 1, 3}) {
        auto order = k % 2 == 0 ? row_major : grid.t().flatten();
        if (k >= 2) order = order.flip({0});
        const auto walked = [&](const at::Tensor& x) { return x.index_select(1, order).transpose(1, 2); };
        const auto projected = walked(in.projected.select(2, k));
        const auto low = projected.narrow(1, 0, rank);
        const ScanInput scan = {.u = walked(in.u),
                                .delta = in.dt_weight[k].matmul(low),
                                .A = in.A.narrow(0, k * channels, channels),
                                .B = projected.narrow(1, rank, states),
                                .C = projected.narrow(1, rank + states, states),
                                .D = in.D.narrow(0, k * channels, channels),
                                .z = {},
                                .delta_bias = in.dt_bias[k],
                                .delta_softplus = true};
        const auto y = selective_scan_reference(scan).y.transpose(1, 2).index_select(1, order.argsort());
        sum = sum.defined() ? sum + y : y;
    }
    return sum;
}

struct Size {
    std::int64_t images, rows, cols, channels, rank;
};

FourWayInput random_input(const Size& s) {
    const auto leaf = [](at::IntArrayRef shape, double scale = 1) {
        return (at::randn(shape) * scale).set_requires_grad(true);
    };
    FourWayInput in;
    in.u = leaf({s.images, s.rows * s.cols, s.channels});
    in.projected = leaf({s.images, s.rows * s.cols, 4, s.rank + 32});
    in.dt_weight = leaf({4, s.channels, s.rank}, 0.5);
    in.dt_bias = leaf({4, s.channels});
    in.A = (-at::randn({4 * s.channels, 16}).exp()).set_requires_grad(true);
    in.D = leaf({4 * s.channels});
    in.rows = s.rows;
    in.cols = s.cols;
    return in;
}

double relative(const at::Tensor& a, const at::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max().clamp_min(1e-6)).item<double>();
}

std::vector<at::Tensor> gradients(const FourWayInput& in, const at::Tensor& y, const at::Tensor& grad) {
    std::vector<at::Tensor> out = {in.u, in.projected, in.dt_weight, in.dt_bias, in.A, in.D};
    for (const auto& t : out) t.mutable_grad() = at::Tensor();
    y.backward(grad);
    for (auto& t : out) t = t.grad().clone();
    return out;
}

TEST(FourWayScanCuda, LayerAgreesWithTheReferenceOverGrids) {
    at::manual_seed(23);
    for (const Size& size :
         {Size{1, 1, 1, 1, 1}, {3, 4, 4, 8, 1}, {2, 5, 7, 16, 2}, {1, 9, 15, 40, 3}, {2, 8, 17, 33, 2}}) {
        SCOPED_TRACE(testing::Message() << size.images << " maps of " << size.rows << " x " << size.cols
                                        << ", " << size.channels << " channels");
        const auto in = random_input(size);
        const auto ours = four_way_scan_cuda(in), theirs = by_operators(in);
        EXPECT_LE(relative(ours, theirs), 1e-5);
        // The second is what a sum's backward hands over: one value seen everywhere, strides of 0.
        for (const auto& grad : {at::randn(ours.sizes()), at::randn({1}).expand(ours.sizes())}) {
            const auto a = gradients(in, four_way_scan_cuda(in), grad);
            const auto b = gradients(in, by_operators(in), grad);
            for (std::size_t i = 0; i < a.size(); ++i)
                EXPECT_LE(relative(a[i], b[i]), 1e-4) << "tensor " << i;
        }
        const at::NoGradGuard no_grad;
        EXPECT_TRUE(four_way_scan_cuda(in).equal(ours));
    }
}

/// All of SS2D around the layer, tokens as a true permutation, as the golden files have it.
at::Tensor ss2d_of(std::map<std::string, at::Tensor>& w, const at::Tensor& x, std::int64_t rows) {
    const std::int64_t batch = x.size(0), cols = x.size(1) / rows;
    const auto both = at::linear(x, w["in_proj.weight"]);
    const std::int64_t inner = both.size(2) / 2;
    const auto image = both.narrow(2, 0, inner).transpose(1, 2).reshape({batch, inner, rows, cols});
    const auto u = at::silu(at::conv2d(image, w["conv2d.weight"], w["conv2d.bias"], /*stride=*/1,
                                       /*padding=*/1, /*dilation=*/1, /*groups=*/inner))
                       .flatten(2)
                       .transpose(1, 2);
    const auto& project = w["x_proj_weight"];
    const auto y = four_way_scan_cuda(
        {.u = u,
         .projected = at::linear(u, project.flatten(0, 1)).unflatten(2, {4, project.size(1)}),
         .dt_weight = w["dt_projs_weight"],
         .dt_bias = w["dt_projs_bias"],
         .A = -at::exp(w["A_logs"]),
         .D = w["Ds"],
         .rows = rows,
         .cols = cols});
    const auto normed = at::layer_norm(y, {inner}, w["out_norm.weight"], w["out_norm.bias"], 1e-5);
    return at::linear(normed * at::silu(both.narrow(2, inner, inner)), w["out_proj.weight"]);
}

TEST(FourWayScanCuda, GradientsAreTheGoldenOnes) {
    if (test::golden_absent()) GTEST_SKIP() << "no golden files at " << test::golden_root();
    int compared = 0;
    for (const auto& file : test::golden_files("mim_istd")) {
        if (file.meta("case") != "ss2d") continue;
        SCOPED_TRACE(file.stem());
        std::map<std::string, at::Tensor> weights;
        for (const auto& [key, tensor] : file.tensors)
            if (key.starts_with("state."))
                weights[key.substr(6)] = test::tensor_of(tensor).set_requires_grad(true);
        // The published views: memory [width, tokens] read as tokens of `width` values.
        const auto input = test::tensor_of(file.at("input")).set_requires_grad(true);
        const auto x = input.transpose(1, 2).contiguous().view(input.sizes());
        const auto y = ss2d_of(weights, x, std::stoll(file.meta("H")));
        EXPECT_LE(test::tensor_error(y, file.at("output")), 1e-5);
        y.backward(test::tensor_of(file.at("grad_output")));
        for (const auto& [key, golden] : file.tensors) {
            if (!key.starts_with("grad.")) continue;
            const auto name = key.substr(5);
            EXPECT_LE(test::tensor_error(name == "input" ? input.grad() : weights[name].grad(), golden), 1e-4)
                << name;
            ++compared;
        }
    }
    EXPECT_GT(compared, 10);
}

}  // namespace
}  // namespace spectile::networks
