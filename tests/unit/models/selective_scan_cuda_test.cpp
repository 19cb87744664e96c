#include "models/networks/layers/selective_scan_cuda.hpp"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

// The layer that calls the CUDA launchers, with launchers that run the kernel bodies on the CPU
// (support/host_launchers.cpp): what a device will get, tensors, strides, scratch and gradients, without one.

namespace spectile::networks {
namespace {

struct Size {
    std::int64_t batch, channels, length, states;
    bool full, transposed;
};

/// Random inputs; transposed ones are views of [batch, length, columns], as SpectralMamba hands them over.
ScanInput random_input(const Size& s) {
    const auto sequence = [&](std::int64_t columns) {
        const auto values = s.transposed ? at::randn({s.batch, s.length, columns}).transpose(1, 2)
                                         : at::randn({s.batch, columns, s.length});
        return values.set_requires_grad(true);
    };
    ScanInput in;
    in.u = sequence(s.channels), in.delta = sequence(s.channels);
    in.A = (-at::randn({s.channels, s.states}).exp()).set_requires_grad(true);
    in.B = sequence(s.states), in.C = sequence(s.states);
    if (s.full) {
        in.D = at::randn({s.channels}).set_requires_grad(true), in.z = sequence(s.channels);
        in.delta_bias = at::randn({s.channels}).set_requires_grad(true);
    }
    in.delta_softplus = true;
    return in;
}

double relative(const at::Tensor& a, const at::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max().clamp_min(1e-6)).item<double>();
}

std::vector<at::Tensor> gradients(const ScanInput& in, const at::Tensor& y, const at::Tensor& grad) {
    std::vector<at::Tensor> out;
    for (const auto& t : {in.u, in.delta, in.A, in.B, in.C, in.D, in.z, in.delta_bias}) {
        if (!t.defined()) continue;
        t.mutable_grad() = at::Tensor();
        out.push_back(t);
    }
    y.backward(grad);
    for (auto& t : out) t = t.grad().clone();
    return out;
}

void expect_same(const ScanInput& in) {
    const auto ours = selective_scan_cuda(in), theirs = selective_scan_reference(in);
    EXPECT_LE(relative(ours.y, theirs.y), 1e-5);
    EXPECT_LE(relative(ours.last_state, theirs.last_state), 1e-5);
    // The second is what a sum's backward hands over: one value seen everywhere, strides of 0.
    for (const auto& grad : {at::randn(ours.y.sizes()), at::randn({1}).expand(ours.y.sizes())}) {
        const auto a = gradients(in, selective_scan_cuda(in).y, grad);
        const auto b = gradients(in, selective_scan_reference(in).y, grad);
        ASSERT_EQ(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i) EXPECT_LE(relative(a[i], b[i]), 1e-4) << "tensor " << i;
    }
}

TEST(SelectiveScanCuda, LayerAgreesWithTheReferenceOverSizesAndStrides) {
    at::manual_seed(21);
    for (const Size& size : {Size{1, 1, 1, 1, true, false},
                             {2, 3, 5, 7, false, true},
                             {3, 17, 34, 16, true, true},
                             {2, 65, 34, 16, true, true},
                             {2, 33, 100, 9, true, false},
                             {1, 40, 129, 16, false, true}}) {
        SCOPED_TRACE(testing::Message() << size.batch << " x " << size.channels << " x " << size.length);
        expect_same(random_input(size));
    }
}

TEST(SelectiveScanCuda, WithoutGradientsTheValuesAreTheSame) {
    at::manual_seed(22);
    const auto in = random_input({2, 20, 50, 16, true, true});
    const auto with = selective_scan_cuda(in).y;
    const at::NoGradGuard no_grad;
    EXPECT_TRUE(selective_scan_cuda(in).y.equal(with));
}

TEST(SelectiveScanCuda, ARefusedLaunchIsThrown) {
    EXPECT_THROW(selective_scan_cuda(random_input({1, 2, 3, 17, false, false})), std::runtime_error);
}

}  // namespace
}  // namespace spectile::networks
