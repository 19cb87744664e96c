#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>

#include "cuda/device_array.hpp"
#include "cuda/error_of.hpp"
#include "kernels/cuda_launchers.hpp"
#include "kernels/device/host_grid.hpp"
#include "kernels/device/inner_ss2d.cuh"
#include "kernels/device/scan_forward.cuh"
#include "kernels/device/ss2d_merge.cuh"
#include "unit/kernels/random_values.hpp"

// The device against the same bodies on the host, which the golden files have been compared with.

namespace spectile::cuda {
namespace {

using kernels::test::normal_values;

struct Map {
    std::int32_t rows, cols, rank;
    std::int64_t images, channels;
};

void check_map(const Map& map) {
    SCOPED_TRACE(testing::Message() << map.images << " maps of " << map.rows << " x " << map.cols << ", "
                                    << map.channels << " channels");
    std::mt19937 g(7);
    const std::int64_t length = static_cast<std::int64_t>(map.rows) * map.cols;
    const auto count = [](std::int64_t n) { return static_cast<std::size_t>(n); };
    const auto x = normal_values(g, count(map.images * length * map.channels));
    const auto projected = normal_values(g, count(map.images * length * 4 * (map.rank + 32)));
    const auto weight = normal_values(g, count(4 * map.channels * map.rank)),
               bias = normal_values(g, count(4 * map.channels));
    auto A = normal_values(g, count(4 * map.channels * 16));
    for (float& a : A) a = -std::abs(a) - 0.1F;
    const auto D = normal_values(g, count(4 * map.channels));
    kernels::device::FourDirections source{{map.images * 4, map.channels, length, 16},
                                           map.rows,
                                           map.cols,
                                           map.rank,
                                           x.data(),
                                           projected.data(),
                                           weight.data(),
                                           bias.data(),
                                           A.data(),
                                           D.data()};
    std::vector<float> expected(count(map.images * 4 * length * map.channels));
    const kernels::device::ScanForward<kernels::device::FourDirections, kernels::device::LongScan> host{
        source, {expected.data(), length * map.channels, map.channels, 1}, nullptr, nullptr, 32};
    kernels::device::run_on_host(host, host.blocks());
    const DeviceArray<float> dx(x), dprojected(projected), dweight(weight), dbias(bias), dA(A), dD(D),
        scans(expected.size());
    source.x = dx.data(), source.projected = dprojected.data(), source.dt_weight = dweight.data();
    source.dt_bias = dbias.data(), source.A = dA.data(), source.D = dD.data();
    ASSERT_EQ(kernels::cuda_ss2d_scans(source, scans.data(), nullptr), nullptr);
    EXPECT_LE(error_of(scans.values(), expected), 1e-5);
    const auto z = normal_values(g, x.size()), norm = normal_values(g, count(map.channels)),
               shift = normal_values(g, count(map.channels));
    std::vector<float> merged(x.size());
    const kernels::device::Ss2dMerge merge{expected.data(), z.data(),     map.channels,
                                           norm.data(),     shift.data(), map.images,
                                           length,          map.channels, merged.data()};
    kernels::device::run_on_host(merge, merge.blocks());
    const DeviceArray<float> dz(z), dnorm(norm), dshift(shift), out(x.size());
    ASSERT_EQ(kernels::cuda_ss2d_merge({scans.data(), dz.data(), map.channels, dnorm.data(), dshift.data(),
                                        map.images, length, map.channels, out.data()},
                                       nullptr),
              nullptr);
    EXPECT_LE(error_of(out.values(), merged), 1e-5);
}

template <int kWidth>
void check_inner() {
    SCOPED_TRACE(testing::Message() << "words of " << kWidth);
    std::mt19937 g(kWidth);
    constexpr int kInner = 2 * kWidth, kRank = (kWidth + 15) / 16;
    const std::int64_t sentences = 37;
    std::vector<std::vector<float>> weights;
    for (const int count :
         {16 * kWidth, 16 * kWidth, kWidth * 2 * kInner, 9 * kInner, kInner, kInner * 4 * (kRank + 32),
          4 * kInner * kRank, 4 * kInner, 64 * kInner, 4 * kInner, kInner, kInner, kInner * kWidth})
        weights.push_back(normal_values(g, static_cast<std::size_t>(count), 0.3F));
    for (float& a : weights[8]) a = -std::abs(a) - 0.1F;
    std::vector<std::unique_ptr<DeviceArray<float>>> arrays;
    kernels::device::InnerSs2dWeights host{}, device{};
    const auto fill = [&](auto member, std::size_t index) {
        host.*member = weights[index].data();
        device.*member = arrays.emplace_back(std::make_unique<DeviceArray<float>>(weights[index]))->data();
    };
    using Pointers = kernels::device::InnerSs2dWeights;
    std::size_t index = 0;
    for (const auto member :
         {&Pointers::norm1_weight, &Pointers::norm1_bias, &Pointers::in_proj, &Pointers::conv,
          &Pointers::conv_bias, &Pointers::x_proj, &Pointers::dt_weight, &Pointers::dt_bias, &Pointers::A,
          &Pointers::D, &Pointers::norm_weight, &Pointers::norm_bias, &Pointers::out_proj})
        fill(member, index++);
    const auto words = normal_values(g, static_cast<std::size_t>(sentences * 16 * kWidth));
    std::vector<float> expected(words.size());
    const kernels::device::InnerSs2d<kWidth> kernel{words.data(), sentences, true, host, expected.data()};
    kernels::device::run_on_host(kernel, kernel.blocks());
    const DeviceArray<float> in(words), out(words.size());
    ASSERT_EQ(kernels::cuda_inner_ss2d({in.data(), sentences, kWidth, true, device, out.data()}, nullptr),
              nullptr);
    EXPECT_LE(error_of(out.values(), expected), 1e-5);
}

TEST(CudaSs2d, InnerAgreesWithTheHostBodies) {
    if (device_count() == 0) GTEST_SKIP() << "no CUDA device on this machine";
    check_inner<4>();
    check_inner<8>();
    check_inner<16>();
    check_inner<32>();
}

TEST(CudaSs2d, AgreesWithTheHostBodies) {
    if (device_count() == 0) GTEST_SKIP() << "no CUDA device on this machine";
    check_map({5, 7, 1, 2, 16});
    check_map({16, 16, 2, 2, 64});
    check_map({9, 30, 4, 1, 128});
    check_map({12, 11, 8, 1, 256});
    check_map({8, 8, 16, 2, 512});
}

}  // namespace
}  // namespace spectile::cuda
