#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "cuda/device_array.hpp"
#include "cuda/error_of.hpp"
#include "kernels/cuda_launchers.hpp"
#include "kernels/four_way_scan.hpp"
#include "unit/kernels/random_values.hpp"

// SS2D's backward pass on the device against the CPU's kernel.

namespace spectile::cuda {
namespace {

using kernels::test::normal_values;

/// A map with random values.
struct RandomMap {
    kernels::FourWayScan cpu;
    std::vector<float> u, projected, dt_weight, dt_bias, A, D, grad_y;

    explicit RandomMap(const kernels::FourWayScan& sizes) : cpu(sizes) {
        std::mt19937 g(11);
        const auto values = [&](std::int64_t count) {
            return normal_values(g, static_cast<std::size_t>(count));
        };
        u = values(cpu.batch * cpu.tokens() * cpu.channels),
        grad_y = values(cpu.batch * cpu.tokens() * cpu.channels);
        projected = values(cpu.batch * cpu.tokens() * 4 * cpu.projected_width());
        dt_weight = values(4 * cpu.channels * cpu.rank), dt_bias = values(4 * cpu.channels);
        A = values(4 * cpu.channels * 16), D = values(4 * cpu.channels);
        for (float& a : A) a = -std::abs(a) - 0.1F;
        cpu.u = u.data(), cpu.projected = projected.data(), cpu.dt_weight = dt_weight.data();
        cpu.dt_bias = dt_bias.data(), cpu.A = A.data(), cpu.D = D.data();
    }
};

void check_gradients(const RandomMap& map) {
    const auto& cpu = map.cpu;
    SCOPED_TRACE(testing::Message() << cpu.batch << " maps of " << cpu.rows << " x " << cpu.cols << ", "
                                    << cpu.channels << " channels");
    std::vector<float> d_u(map.u.size()), d_projected(map.projected.size()), d_weight(map.dt_weight.size()),
        d_bias(map.dt_bias.size()), d_A(map.A.size()), d_D(map.D.size());
    kernels::four_way_scan_backward(
        cpu, kernels::FourWayCoefficients(cpu), map.grad_y.data(),
        {d_u.data(), d_projected.data(), d_weight.data(), d_bias.data(), d_A.data(), d_D.data()}, 0,
        cpu.batch);
    const DeviceArray<float> u(map.u), projected(map.projected), weight(map.dt_weight), bias(map.dt_bias),
        A(map.A), D(map.D), grad_y(map.grad_y);
    const kernels::device::FourDirections source{{cpu.batch * 4, cpu.channels, cpu.tokens(), 16},
                                                 static_cast<std::int32_t>(cpu.rows),
                                                 static_cast<std::int32_t>(cpu.cols),
                                                 static_cast<std::int32_t>(cpu.rank),
                                                 u.data(),
                                                 projected.data(),
                                                 weight.data(),
                                                 bias.data(),
                                                 A.data(),
                                                 D.data()};
    const auto array = [](std::int64_t count) { return DeviceArray<float>(static_cast<std::size_t>(count)); };
    const auto scans = array(4 * cpu.batch * cpu.tokens() * cpu.channels),
               y = array(cpu.batch * cpu.tokens() * cpu.channels),
               checkpoints = array(kernels::scan_checkpoint_floats(source.sizes)),
               scratch = array(kernels::ss2d_scratch_floats(source.sizes)),
               to_u = array(cpu.batch * cpu.tokens() * cpu.channels),
               to_projected = array(cpu.batch * cpu.tokens() * 4 * cpu.projected_width()),
               rows =
                   array(cpu.batch * 4 * kernels::ss2d_weight_pieces(source.sizes) * cpu.rank * cpu.channels),
               to_bias = array(cpu.batch * 4 * cpu.channels), to_D = array(cpu.batch * 4 * cpu.channels),
               to_A = array(cpu.batch * 4 * cpu.channels * 16);
    ASSERT_EQ(kernels::cuda_ss2d_sum(source, scans.data(), checkpoints.data(), y.data(), nullptr), nullptr);
    ASSERT_EQ(kernels::cuda_ss2d_backward(source, grad_y.data(), checkpoints.data(),
                                          {to_u.data(), to_projected.data(), rows.data(), to_bias.data(),
                                           to_D.data(), to_A.data(), scratch.data()},
                                          nullptr),
              nullptr);
    const auto added = [&](const DeviceArray<float>& parts, std::size_t columns) {
        std::vector<float> sum(columns);
        const auto values = parts.values();
        for (std::size_t i = 0; i < values.size(); ++i) sum[i % columns] += values[i];
        return sum;
    };
    EXPECT_LE(error_of(to_u.values(), d_u), 1e-4);
    EXPECT_LE(error_of(to_projected.values(), d_projected), 1e-4);
    EXPECT_LE(error_of(added(to_bias, d_bias.size()), d_bias), 1e-4);
    EXPECT_LE(error_of(added(to_A, d_A.size()), d_A), 1e-4);
    EXPECT_LE(error_of(added(to_D, d_D.size()), d_D), 1e-4);
    std::vector<float> ours(d_weight.size());
    const auto parts = rows.values();
    const std::int64_t pieces = kernels::ss2d_weight_pieces(source.sizes);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        const std::int64_t channel = at % cpu.channels, r = at / cpu.channels % cpu.rank,
                           direction = at / cpu.channels / cpu.rank / pieces % 4;
        ours[static_cast<std::size_t>((direction * cpu.channels + channel) * cpu.rank + r)] += parts[i];
    }
    EXPECT_LE(error_of(ours, d_weight), 1e-4);
}

TEST(CudaSs2d, BackwardAgreesWithTheCpuKernel) {
    if (device_count() == 0) GTEST_SKIP() << "no CUDA device on this machine";
    for (const auto& [batch, rows, cols, channels, rank] : {std::array<std::int64_t, 5>{37, 4, 4, 8, 1},
                                                            {2, 5, 7, 16, 1},
                                                            {2, 16, 16, 64, 2},
                                                            {1, 9, 30, 128, 4},
                                                            {1, 12, 11, 256, 8},
                                                            {2, 8, 8, 512, 16}})
        check_gradients(
            RandomMap({.batch = batch, .rows = rows, .cols = cols, .channels = channels, .rank = rank}));
}

}  // namespace
}  // namespace spectile::cuda
