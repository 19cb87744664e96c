#include "models/networks/layers/selective_scan.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace spectile::networks {
namespace {

struct Size {
    std::int64_t batch, channels, length, states;
};

ScanInput random_input(const Size& s, bool full) {
    const auto values = [](std::initializer_list<std::int64_t> shape) {
        return at::randn(shape).set_requires_grad(true);
    };
    ScanInput in;
    in.u = values({s.batch, s.channels, s.length});
    in.delta = values({s.batch, s.channels, s.length});
    in.A = (-at::randn({s.channels, s.states}).exp()).set_requires_grad(true);
    in.B = values({s.batch, s.states, s.length});
    in.C = values({s.batch, s.states, s.length});
    if (full)
        in.D = values({s.channels}), in.z = values({s.batch, s.channels, s.length}),
        in.delta_bias = values({s.channels});
    in.delta_softplus = true;
    return in;
}

std::vector<at::Tensor> tensors_of(const ScanInput& in) {
    std::vector<at::Tensor> all;
    for (const auto& t : {in.u, in.delta, in.A, in.B, in.C, in.D, in.z, in.delta_bias})
        if (t.defined()) all.push_back(t);
    return all;
}

std::vector<at::Tensor> gradients(const ScanInput& in, const at::Tensor& y, const at::Tensor& grad) {
    for (const auto& t : tensors_of(in)) t.mutable_grad() = at::Tensor();
    y.backward(grad);
    std::vector<at::Tensor> out;
    for (const auto& t : tensors_of(in)) out.push_back(t.grad().clone());
    return out;
}

double relative(const at::Tensor& a, const at::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max()).item<double>();
}

TEST(SelectiveScan, KernelAgreesWithTheReferenceOverSizes) {
    at::manual_seed(11);
    for (const Size size : {Size{1, 1, 1, 1}, {2, 3, 5, 7}, {3, 17, 34, 16}, {5, 64, 9, 16}})
        for (const bool full : {false, true}) {
            const auto in = random_input(size, full);
            const auto kernel = selective_scan(in), reference = selective_scan_reference(in);
            EXPECT_LE(relative(kernel.y, reference.y), 1e-5);
            EXPECT_LE(relative(kernel.last_state, reference.last_state), 1e-5);
            const auto grad = at::randn(kernel.y.sizes());
            const auto ours = gradients(in, kernel.y, grad), theirs = gradients(in, reference.y, grad);
            for (std::size_t i = 0; i < ours.size(); ++i) {
                if (theirs[i].abs().max().item<double>() == 0) continue;
                EXPECT_LE(relative(ours[i], theirs[i]), 1e-4) << "tensor " << i << " length " << size.length;
            }
        }
}

TEST(SelectiveScan, ThreadsChangeNoByte) {
    at::manual_seed(12);
    const auto in = random_input({13, 8, 20, 4}, true);
    const auto grad = at::randn({13, 8, 20});
    at::set_num_threads(1);
    const auto one = selective_scan(in).y;
    const auto one_gradients = gradients(in, one, grad);
    at::set_num_threads(2);
    const auto two = selective_scan(in).y;
    const auto two_gradients = gradients(in, two, grad);
    at::set_num_threads(1);
    EXPECT_TRUE(one.equal(two));
    for (std::size_t i = 0; i < one_gradients.size(); ++i)
        EXPECT_TRUE(one_gradients[i].equal(two_gradients[i])) << i;
}

TEST(SelectiveScan, OtherFloatTypesTakeTheReference) {
    at::manual_seed(13);
    auto in = random_input({2, 3, 4, 5}, true);
    for (auto* t : {&in.u, &in.delta, &in.A, &in.B, &in.C, &in.D, &in.z, &in.delta_bias})
        *t = t->detach().to(at::kDouble);
    EXPECT_EQ(selective_scan(in).y.scalar_type(), at::kDouble);
}

}  // namespace
}  // namespace spectile::networks
