#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "support/golden_file.hpp"
#include "unit/device_kernels/scan_case.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels::device {
namespace {

using kernels::test::normal_values;
using spectile::test::golden_error;
using test::GridScan;
using test::Layout;

/// Random tensors; which optional ones there are follows from `options`' bits.
struct Tensors {
    std::vector<float> u, delta, A, B, C, D, z, bias, grad_y;
    SelectiveScan scan;

    Tensors() {
        std::mt19937 g(*rc::gen::arbitrary<unsigned>());
        const auto between = [](std::int64_t low, std::int64_t high) {
            return *rc::gen::inRange<std::int64_t>(low, high + 1);
        };
        scan.batch = between(1, 3);
        scan.channels = between(1, 140);
        scan.length = between(1, 140);
        scan.states = between(1, 16);
        const auto tokens = static_cast<std::size_t>(scan.batch * scan.channels * scan.length);
        const auto options = *rc::gen::inRange<unsigned>(0, 16);
        u = normal_values(g, tokens);
        delta = normal_values(g, tokens, 0.5F);
        A = normal_values(g, static_cast<std::size_t>(scan.channels * scan.states));
        for (float& a : A) a = -std::abs(a) - 0.1F;
        B = normal_values(g, static_cast<std::size_t>(scan.batch * scan.states * scan.length));
        C = normal_values(g, B.size());
        D = normal_values(g, static_cast<std::size_t>(scan.channels));
        z = normal_values(g, tokens);
        bias = normal_values(g, D.size(), 0.3F);
        grad_y = normal_values(g, tokens);
        scan.u = u.data(), scan.delta = delta.data(), scan.A = A.data(), scan.B = B.data(), scan.C = C.data();
        if ((options & 1U) != 0) scan.D = D.data();
        if ((options & 2U) != 0) scan.z = z.data();
        if ((options & 4U) != 0) scan.delta_bias = bias.data();
        scan.delta_softplus = (options & 8U) != 0;
        if (!scan.delta_softplus)
            for (float& value : delta) value = std::abs(value);
        if (!scan.delta_softplus && scan.delta_bias != nullptr)
            for (float& value : bias) value = std::abs(value);
    }
};

template <class Shape>
void check_forward_in_every_shape() {
    const Tensors t;
    const auto tokens = t.u.size();
    std::vector<float> y(tokens),
        last(static_cast<std::size_t>(t.scan.batch * t.scan.channels * t.scan.states));
    selective_scan_forward(t.scan, y.data(), last.data(), 0, t.scan.batch);
    for (const Layout layout : {Layout::tokens_last, Layout::columns_last}) {
        const GridScan grid(t.scan, layout);
        const auto ours =
            test::same_in_any_order<float>([&](Order order) { return test::forward<Shape>(grid, order); });
        const std::span<const float> all(ours);
        RC_ASSERT(golden_error(all.first(tokens), y) < 1e-5);
        RC_ASSERT(golden_error(all.subspan(tokens), last) < 1e-5);
    }
}

TEST(DeviceScan, ForwardAgreesWithTheCpuKernelInEveryShape) {
    EXPECT_TRUE(rc::check("short", check_forward_in_every_shape<ShortScan>));
    EXPECT_TRUE(rc::check("long", check_forward_in_every_shape<LongScan>));
    EXPECT_TRUE(rc::check("wide", check_forward_in_every_shape<WideScan>));
    EXPECT_TRUE(rc::check("widest", check_forward_in_every_shape<WidestScan>));
}

/// The largest difference over all gradients, each relative to its largest value; 0 counts as equal to
/// anything tiny.
double error_of(const test::Gradients& ours, const test::Gradients& theirs, bool gated) {
    double worst = 0;
    const auto compare = [&](const std::vector<float>& a, const std::vector<float>& b) {
        double largest = 1e-6;
        for (const float value : b) largest = std::max(largest, static_cast<double>(std::abs(value)));
        for (std::size_t i = 0; i < a.size(); ++i)
            worst = std::isfinite(a[i])
                        ? std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]) / largest)
                        : INFINITY;
    };
    compare(ours.u, theirs.u), compare(ours.delta, theirs.delta), compare(ours.A, theirs.A),
        compare(ours.B, theirs.B);
    compare(ours.C, theirs.C), compare(ours.D, theirs.D), compare(ours.bias, theirs.bias);
    if (gated) compare(ours.z, theirs.z);
    return worst;
}

template <class Forward, class Backward>
void check_backward_in_every_shape() {
    const Tensors t;
    test::Gradients expected(t.scan);
    selective_scan_backward(t.scan, t.grad_y.data(),
                            {expected.u.data(), expected.delta.data(), expected.A.data(), expected.B.data(),
                             expected.C.data(), expected.D.data(), expected.z.data(), expected.bias.data()},
                            0, t.scan.batch);
    for (const Layout layout : {Layout::tokens_last, Layout::columns_last}) {
        const GridScan grid(t.scan, layout);
        test::same_in_any_order<float>([&](Order order) {
            return test::backward<Forward, Backward>(grid, t.grad_y.data(), order).joined();
        });
        const auto ours = test::backward<Forward, Backward>(grid, t.grad_y.data(), Order::shuffled);
        RC_ASSERT(error_of(ours, expected, t.scan.z != nullptr) < 1e-4);
    }
}

TEST(DeviceScan, GradientsAgreeWithTheCpuKernelInEveryShape) {
    EXPECT_TRUE(rc::check("short", check_backward_in_every_shape<ShortScan, ShortScan>));
    EXPECT_TRUE(rc::check("long", check_backward_in_every_shape<LongScan, LongScanBackward>));
    EXPECT_TRUE(rc::check("wide", check_backward_in_every_shape<WideScan, LongScanBackward>));
}

TEST(DeviceScan, CheckpointsAreTheStatesBeforeEachPeriod) {
    EXPECT_TRUE(rc::check("a checkpoint = last_state of the sequence cut there", [] {
        const Tensors t;
        const std::int64_t period = *rc::gen::element<std::int64_t>(8, 32);
        std::vector<float> checkpoints;
        test::forward<LongScan>(GridScan(t.scan, Layout::tokens_last), Order::ascending, &checkpoints,
                                period);
        const std::int64_t tile = *rc::gen::inRange<std::int64_t>(0, blocks_for(t.scan.length, period));
        SelectiveScan cut = t.scan;
        cut.batch = 1;
        cut.length = tile * period;
        const auto shorter = [&](const float* from, std::int64_t rows) {
            std::vector<float> out;
            for (std::int64_t row = 0; row < rows; ++row)
                out.insert(out.end(), from + row * t.scan.length, from + row * t.scan.length + cut.length);
            return out;
        };
        const auto u = shorter(t.scan.u, cut.channels), delta = shorter(t.scan.delta, cut.channels);
        const auto B = shorter(t.scan.B, cut.states), C = shorter(t.scan.C, cut.states);
        cut.u = u.data(), cut.delta = delta.data(), cut.B = B.data(), cut.C = C.data(), cut.z = nullptr;
        std::vector<float> y(u.size()), last(static_cast<std::size_t>(cut.channels * cut.states));
        selective_scan_forward(cut, y.data(), last.data(), 0, 1);
        for (std::int64_t c = 0; c < cut.channels; ++c)
            for (std::int64_t n = 0; n < cut.states; ++n) {
                const float ours =
                    checkpoints[static_cast<std::size_t>((tile * kStates + n) * cut.channels + c)];
                const float expected = last[static_cast<std::size_t>(c * cut.states + n)];
                RC_ASSERT(std::abs(ours - expected) <= 2e-5F * (1 + std::abs(expected)));
            }
    }));
}

}  // namespace
}  // namespace spectile::kernels::device
