#include "kernels/device/ss2d_backward.cuh"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "kernels/four_way_scan.hpp"
#include "unit/device_kernels/scan_case.hpp"
#include "unit/kernels/random_values.hpp"

// SS2D's backward pass as a training step launches it, over whole grids on the host, against the CPU's
// kernel.

namespace spectile::kernels::device {
namespace {

using kernels::test::normal_values;

std::vector<float> floats(std::int64_t count) { return std::vector<float>(static_cast<std::size_t>(count)); }

/// A random map and what is scanned over it.
struct Map {
    FourWayScan cpu;
    std::vector<float> u, projected, dt_weight, dt_bias, A, D, grad_y;

    Map() {
        std::mt19937 g(*rc::gen::arbitrary<unsigned>());
        const auto between = [](std::int64_t low, std::int64_t high) {
            return *rc::gen::inRange<std::int64_t>(low, high + 1);
        };
        cpu.batch = between(1, 2), cpu.rows = between(1, 12), cpu.cols = between(1, 12);
        cpu.channels = between(1, 70), cpu.rank = between(1, 5);
        const auto count = [](std::int64_t n) { return static_cast<std::size_t>(n); };
        u = normal_values(g, count(cpu.batch * cpu.tokens() * cpu.channels));
        projected = normal_values(g, count(cpu.batch * cpu.tokens() * 4 * cpu.projected_width()));
        dt_weight = normal_values(g, count(4 * cpu.channels * cpu.rank), 0.5F);
        dt_bias = normal_values(g, count(4 * cpu.channels));
        A = normal_values(g, count(4 * cpu.channels * kStates));
        for (float& a : A) a = -std::abs(a) - 0.1F;
        D = normal_values(g, count(4 * cpu.channels));
        grad_y = normal_values(g, u.size());
        cpu.u = u.data(), cpu.projected = projected.data(), cpu.dt_weight = dt_weight.data();
        cpu.dt_bias = dt_bias.data(), cpu.A = A.data(), cpu.D = D.data();
    }
    FourDirections source() const {
        return {{cpu.batch * 4, cpu.channels, cpu.tokens(), kStates},
                static_cast<std::int32_t>(cpu.rows),
                static_cast<std::int32_t>(cpu.cols),
                static_cast<std::int32_t>(cpu.rank),
                u.data(),
                projected.data(),
                dt_weight.data(),
                dt_bias.data(),
                A.data(),
                D.data()};
    }
};

/// Gradients in the CPU kernel's layouts.
struct Gradients {
    std::vector<float> u, projected, dt_weight, dt_bias, A, D;

    explicit Gradients(const Map& map)
        : u(map.u.size()),
          projected(map.projected.size()),
          dt_weight(map.dt_weight.size()),
          dt_bias(map.dt_bias.size()),
          A(map.A.size()),
          D(map.D.size()) {}
    std::vector<const std::vector<float>*> parts() const {
        return {&u, &projected, &dt_weight, &dt_bias, &A, &D};
    }
    std::vector<float> joined() const {
        std::vector<float> all;
        for (const auto* part : parts()) all.insert(all.end(), part->begin(), part->end());
        return all;
    }
};

/// Rows [images, columns] added in their order.
void add_rows(const std::vector<float>& rows, std::vector<float>& sum) {
    for (std::size_t i = 0; i < rows.size(); ++i) sum[i % sum.size()] += rows[i];
}

/// [images, 4, pieces, rank, channels] to [4, channels, rank].
void add_weight_rows(const std::vector<float>& rows, const FourDirections& source, std::vector<float>& sum) {
    const std::int64_t channels = source.sizes.channels, rank = source.rank,
                       pieces = StepWeightRows::pieces(source.sizes.length);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        const std::int64_t channel = at % channels, r = at / channels % rank,
                           direction = at / channels / rank / pieces % 4;
        sum[static_cast<std::size_t>((direction * channels + channel) * rank + r)] += rows[i];
    }
}

template <class Forward, class Backward>
Gradients backward(const Map& map, Order order) {
    const auto run = [&](const auto& kernel) { run_on_host(kernel, kernel.blocks(), order); };
    const FourDirections source = map.source();
    const ScanSizes& sizes = source.sizes;
    const std::int64_t plane = sizes.length * sizes.channels, samples = sizes.samples;
    auto scans = floats(samples * plane);
    auto checkpoints = floats(samples * blocks_for(sizes.length, Backward::kTile) * kStates * sizes.channels);
    run(ScanForward<FourDirections, Forward>{
        source, {scans.data(), plane, sizes.channels, 1}, nullptr, checkpoints.data(), Backward::kTile});
    ScanBackward<FourDirections, Backward> scan{
        source, {map.grad_y.data(), plane, sizes.channels, 1}, checkpoints.data(), {}};
    auto u = floats(samples * plane), delta = floats(samples * plane),
         b = floats(samples * scan.groups() * kStates * sizes.length), c = b,
         A = floats(samples * sizes.channels * kStates), D = floats(samples * sizes.channels), bias = D;
    scan.out = {{u.data(), plane, sizes.channels, 1},
                {delta.data(), plane, sizes.channels, 1},
                {},
                A.data(),
                D.data(),
                bias.data(),
                b.data(),
                c.data()};
    run(scan);
    Gradients out(map);
    run(SumDirections{u.data(), samples / 4, plane, out.u.data()});
    run(ProjectedGradients{source, delta.data(), b.data(), c.data(), scan.groups(), out.projected.data()});
    const StepWeightRows weights{source, delta.data(), nullptr};
    auto rows = floats(weights.values());
    run(StepWeightRows{source, delta.data(), rows.data()});
    add_weight_rows(rows, source, out.dt_weight);
    add_rows(bias, out.dt_bias);
    add_rows(A, out.A);
    add_rows(D, out.D);
    return out;
}

/// The largest difference over all gradients, each relative to its largest value.
double error_of(const Gradients& ours, const Gradients& theirs) {
    double worst = 0;
    for (std::size_t k = 0; k < ours.parts().size(); ++k) {
        const auto &a = *ours.parts()[k], &b = *theirs.parts()[k];
        double largest = 1e-6;
        for (const float value : b) largest = std::max(largest, static_cast<double>(std::abs(value)));
        for (std::size_t i = 0; i < a.size(); ++i)
            worst = std::isfinite(a[i])
                        ? std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]) / largest)
                        : INFINITY;
    }
    return worst;
}

template <class Forward, class Backward>
void check_in_any_order() {
    const Map map;
    Gradients expected(map);
    four_way_scan_backward(map.cpu, FourWayCoefficients(map.cpu), map.grad_y.data(),
                           {expected.u.data(), expected.projected.data(), expected.dt_weight.data(),
                            expected.dt_bias.data(), expected.A.data(), expected.D.data()},
                           0, map.cpu.batch);
    test::same_in_any_order<float>(
        [&](Order order) { return backward<Forward, Backward>(map, order).joined(); });
    RC_ASSERT(error_of(backward<Forward, Backward>(map, Order::shuffled), expected) < 1e-4);
}

TEST(DeviceSs2dBackward, GradientsAgreeWithTheCpuKernelOverGrids) {
    EXPECT_TRUE(rc::check("short", check_in_any_order<ShortScan, ShortScan>));
    EXPECT_TRUE(rc::check("long", check_in_any_order<LongScan, LongScanBackward>));
    EXPECT_TRUE(rc::check("wide", check_in_any_order<WideScan, LongScanBackward>));
    EXPECT_TRUE(rc::check("widest", check_in_any_order<WidestScan, LongScanBackward>));
}

TEST(DeviceSs2dBackward, AStepIsFoundAgainFromItsPlace) {
    FourDirections source{};
    source.rows = 5, source.cols = 7;
    source.sizes.length = 35;
    for (std::int64_t direction = 0; direction < 4; ++direction)
        for (std::int64_t step = 0; step < 35; ++step)
            EXPECT_EQ(source.step_at(direction, source.place(direction, step)), step) << direction;
}

TEST(DeviceSs2dBackward, DirectionsAreAddedInTheForwardsOrder) {
    // Rounding tells the order: 2^24 swallows a 1 that is added to it alone.
    const std::vector<float> maps = {16777216.0F, 1.0F, -16777216.0F, 1.0F};
    float sum = 0;
    const SumDirections kernel{maps.data(), 1, 1, &sum};
    run_on_host(kernel, kernel.blocks());
    EXPECT_EQ(sum, 2.0F);
}

}  // namespace
}  // namespace spectile::kernels::device
