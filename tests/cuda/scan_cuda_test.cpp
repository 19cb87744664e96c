#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>

#include "cuda/device_array.hpp"
#include "kernels/cuda_launchers.hpp"
#include "kernels/selective_scan.hpp"
#include "unit/kernels/random_values.hpp"

// The device against the CPU's own scan; exp differs in the last digits, so with the goldens' tolerances.

namespace spectile::cuda {
namespace {

using kernels::SelectiveScan;
using kernels::test::normal_values;

/// A random scan, once in host memory and once on the device, [batch, channels, length].
struct Case {
    SelectiveScan scan;
    std::vector<float> u, delta, A, B, C, D, z, bias, grad_y;
    std::vector<std::unique_ptr<DeviceArray<float>>> arrays;

    Case(std::int64_t batch, std::int64_t channels, std::int64_t length, std::int64_t states) {
        std::mt19937 g(static_cast<unsigned>(batch + channels * length));
        const auto tokens = static_cast<std::size_t>(batch * channels * length);
        u = normal_values(g, tokens), delta = normal_values(g, tokens, 0.5F), z = normal_values(g, tokens);
        grad_y = normal_values(g, tokens);
        A = normal_values(g, static_cast<std::size_t>(channels * states));
        for (float& a : A) a = -std::abs(a) - 0.1F;
        B = normal_values(g, static_cast<std::size_t>(batch * states * length)),
        C = normal_values(g, B.size());
        D = normal_values(g, static_cast<std::size_t>(channels)), bias = normal_values(g, D.size(), 0.3F);
        scan = {batch,    channels, length,   states,   u.data(),    delta.data(), A.data(),
                B.data(), C.data(), D.data(), z.data(), bias.data(), true};
    }
    float* on_device(const std::vector<float>& values) {
        return arrays.emplace_back(std::make_unique<DeviceArray<float>>(values))->data();
    }
    kernels::device::Input rows(const std::vector<float>& values, std::int64_t columns) {
        return {on_device(values), columns * scan.length, 1, scan.length};
    }
    kernels::device::PlainScan source() {
        return {{scan.batch, scan.channels, scan.length, scan.states},
                rows(u, scan.channels),
                rows(delta, scan.channels),
                rows(z, scan.channels),
                rows(B, scan.states),
                rows(C, scan.states),
                on_device(A),
                on_device(D),
                on_device(bias),
                true};
    }
    kernels::device::Output output(const DeviceArray<float>& array, std::int64_t columns) const {
        return {array.data(), columns * scan.length, 1, scan.length};
    }
};

void expect_close(const std::vector<float>& ours, const std::vector<float>& expected, double tolerance,
                  const char* what) {
    double worst = 0, largest = 1e-6;
    for (const float value : expected) largest = std::max(largest, static_cast<double>(std::abs(value)));
    for (std::size_t i = 0; i < ours.size(); ++i)
        worst = std::isfinite(ours[i]) ? std::max(worst, std::abs(static_cast<double>(ours[i]) - expected[i]))
                                       : INFINITY;
    EXPECT_LE(worst / largest, tolerance) << what;
}

void check_gradients(Case& c, const kernels::device::PlainScan& source, const float* checkpoints) {
    const SelectiveScan& s = c.scan;
    std::vector<float> u(c.u.size()), delta(u), z(u), A(static_cast<std::size_t>(s.batch) * c.A.size()),
        B(c.B.size()), C(B), D(static_cast<std::size_t>(s.batch * s.channels)), bias(D);
    selective_scan_backward(
        s, c.grad_y.data(),
        {u.data(), delta.data(), A.data(), B.data(), C.data(), D.data(), z.data(), bias.data()}, 0, s.batch);
    const DeviceArray<float> du(u.size()), ddelta(u.size()), dz(u.size()), dA(A.size()), dB(B.size()),
        dC(B.size()), dD(D.size()), dbias(D.size());
    const DeviceArray<float> parts(static_cast<std::size_t>(kernels::scan_parts_floats(source.sizes)));
    const kernels::CudaScanGradients out{c.output(du, s.channels),
                                         c.output(ddelta, s.channels),
                                         c.output(dz, s.channels),
                                         c.output(dB, s.states),
                                         c.output(dC, s.states),
                                         dA.data(),
                                         dD.data(),
                                         dbias.data(),
                                         parts.data()};
    ASSERT_EQ(kernels::cuda_selective_scan_backward(source, c.rows(c.grad_y, s.channels), checkpoints, out,
                                                    nullptr),
              nullptr);
    expect_close(du.values(), u, 1e-4, "u");
    expect_close(ddelta.values(), delta, 1e-4, "delta");
    expect_close(dz.values(), z, 1e-4, "z");
    expect_close(dA.values(), A, 1e-4, "A");
    expect_close(dB.values(), B, 1e-4, "B");
    expect_close(dC.values(), C, 1e-4, "C");
    expect_close(dD.values(), D, 1e-4, "D");
    expect_close(dbias.values(), bias, 1e-4, "delta_bias");
}

void check_scan(std::int64_t batch, std::int64_t channels, std::int64_t length, std::int64_t states) {
    SCOPED_TRACE(testing::Message() << batch << " x " << channels << " x " << length << ", " << states
                                    << " states");
    Case c(batch, channels, length, states);
    std::vector<float> y(c.u.size()), last(static_cast<std::size_t>(batch * channels * states));
    selective_scan_forward(c.scan, y.data(), last.data(), 0, batch);
    const auto source = c.source();
    const DeviceArray<float> device_y(y.size()), device_last(last.size()), again(y.size());
    const DeviceArray<float> checkpoints(
        static_cast<std::size_t>(kernels::scan_checkpoint_floats(source.sizes)));
    ASSERT_EQ(kernels::cuda_selective_scan_forward(source, c.output(device_y, channels),
                                                   {device_last.data(), checkpoints.data()}, nullptr),
              nullptr);
    ASSERT_EQ(kernels::cuda_selective_scan_forward(source, c.output(again, channels), {}, nullptr), nullptr);
    expect_close(device_y.values(), y, 1e-5, "y");
    expect_close(device_last.values(), last, 1e-5, "last_state");
    EXPECT_EQ(device_y.values(), again.values()) << "two runs give the same bytes";
    check_gradients(c, source, checkpoints.data());
}

TEST(CudaScan, AgreesWithTheCpuKernelInEveryShape) {
    if (device_count() == 0) GTEST_SKIP() << "no CUDA device on this machine";
    check_scan(1, 1, 1, 1);
    check_scan(300, 64, 34, 16);
    check_scan(3, 65, 64, 9);
    check_scan(2, 33, 65, 16);
    check_scan(2, 64, 4096, 16);
    check_scan(2, 130, 999, 5);
    check_scan(2, 300, 777, 16);
}

}  // namespace
}  // namespace spectile::cuda
