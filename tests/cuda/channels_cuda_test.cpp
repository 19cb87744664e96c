#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "cuda/device_array.hpp"
#include "kernels/cuda_launchers.hpp"
#include "kernels/device/argmax.cuh"
#include "kernels/device/blend.cuh"
#include "kernels/device/host_grid.hpp"
#include "kernels/device/prepare.cuh"
#include "unit/kernels/random_values.hpp"

// Kernels whose arithmetic is rounded alike everywhere: the device gives the bytes that the host gives.

namespace spectile::cuda {
namespace {

using kernels::test::normal_values;

#define NEEDS_A_DEVICE() \
    if (device_count() == 0) GTEST_SKIP() << "no CUDA device on this machine"

template <class T>
void expect_same_bytes(const std::vector<T>& ours, const std::vector<T>& expected) {
    ASSERT_EQ(ours.size(), expected.size());
    EXPECT_EQ(std::memcmp(ours.data(), expected.data(), ours.size() * sizeof(T)), 0);
}

TEST(CudaArgmax, EqualsTheHostBody) {
    NEEDS_A_DEVICE();
    std::mt19937 generator(1);
    for (const std::int64_t pixels : {1, 255, 256, 257, 100003}) {
        auto values = normal_values(generator, static_cast<std::size_t>(7 * pixels));
        values[0] = NAN;
        std::vector<std::int32_t> expected(static_cast<std::size_t>(pixels));
        const kernels::device::ArgmaxChannels body{values.data(), 7, pixels, expected.data()};
        kernels::device::run_on_host(body, body.blocks());
        const DeviceArray<float> in(values);
        const DeviceArray<std::int32_t> out(expected.size());
        ASSERT_EQ(kernels::cuda_argmax_channels(in.data(), 7, pixels, out.data(), nullptr), nullptr);
        expect_same_bytes(out.values(), expected);
    }
}

TEST(CudaBlend, EqualsTheHostBody) {
    NEEDS_A_DEVICE();
    std::mt19937 generator(2);
    const std::int64_t width = 300, height = 130;
    const int channels = 3, halo = 7;
    std::vector<float> sums(static_cast<std::size_t>(channels * width * height)),
        weights(static_cast<std::size_t>(width * height));
    std::vector<std::uint8_t> valid(weights.size());
    const DeviceArray<float> device_sums(sums), device_weights(weights);
    const DeviceArray<std::uint8_t> device_valid(valid);
    for (int tile = 0; tile < 4; ++tile) {
        const kernels::device::TileWindow padded{tile * 61 - 5, tile * 9 - 3, 121, 90};
        const kernels::device::TileWindow keep{padded.x + 5, padded.y + 3, 116, 87};
        const auto values =
            normal_values(generator, static_cast<std::size_t>(channels * padded.width * padded.height));
        std::vector<std::uint8_t> mask(static_cast<std::size_t>(padded.width * padded.height));
        for (auto& mark : mask) mark = generator() % 5 != 0;
        const kernels::device::BlendTile host{values.data(), mask.data(),   channels, halo,
                                              keep,          padded,        width,    height,
                                              sums.data(),   weights.data()};
        kernels::device::run_on_host(host, host.blocks());
        const DeviceArray<float> device_values(values);
        const DeviceArray<std::uint8_t> device_mask(mask);
        const kernels::BlendCall call{device_values.data(),
                                      device_mask.data(),
                                      channels,
                                      halo,
                                      {keep.x, keep.y, keep.width, keep.height},
                                      {padded.x, padded.y, padded.width, padded.height},
                                      width,
                                      height,
                                      device_sums.data(),
                                      device_weights.data()};
        ASSERT_EQ(kernels::cuda_blend_tile(call, nullptr), nullptr);
        finish();
    }
    const kernels::device::BlendFinish last{sums.data(), weights.data(), valid.data(), channels,
                                            width * height};
    kernels::device::run_on_host(last, last.blocks());
    ASSERT_EQ(kernels::cuda_blend_finish(device_sums.data(), device_weights.data(), device_valid.data(),
                                         channels, width * height, nullptr),
              nullptr);
    expect_same_bytes(device_sums.values(), sums);
    expect_same_bytes(device_valid.values(), valid);
}

template <class Raw, class Out>
void check_prepare(kernels::RawType raw_type, kernels::ModelType model_type) {
    std::mt19937 generator(3);
    const std::int64_t pixels = 1009, raw_bands = 43, bands = 37;
    std::vector<Raw> raw(static_cast<std::size_t>(raw_bands * pixels));
    for (Raw& value : raw) value = static_cast<Raw>(generator() % 60000);
    std::vector<std::uint8_t> valid(static_cast<std::size_t>(pixels));
    for (auto& mark : valid) mark = generator() % 4 != 0;
    std::vector<std::int32_t> band;
    for (std::int64_t i = 0; i < bands; ++i)
        band.push_back(static_cast<std::int32_t>(generator() % raw_bands));
    std::vector<float> change[4];
    for (auto& values : change)
        for (std::int64_t i = 0; i < bands; ++i)
            values.push_back(0.01F + static_cast<float>(generator() % 1000) / 500.0F);
    std::vector<Out> expected(static_cast<std::size_t>(pixels * bands));
    const kernels::device::PrepareBands<Raw, Out> host{
        raw.data(),
        valid.data(),
        pixels,
        bands,
        {band.data(), change[0].data(), change[1].data(), change[2].data(), change[3].data()},
        expected.data()};
    kernels::device::run_on_host(host, host.blocks());
    const DeviceArray<Raw> device_raw(raw);
    const DeviceArray<std::uint8_t> device_valid(valid);
    const DeviceArray<std::int32_t> device_band(band);
    const DeviceArray<float> factor(change[0]), offset(change[1]), mean(change[2]), deviation(change[3]);
    const DeviceArray<Out> out(expected.size());
    const kernels::PrepareCall call{raw_type,      model_type,  device_raw.data(),  device_valid.data(),
                                    pixels,        bands,       device_band.data(), factor.data(),
                                    offset.data(), mean.data(), deviation.data(),   out.data()};
    ASSERT_EQ(kernels::cuda_prepare_bands(call, nullptr), nullptr);
    expect_same_bytes(out.values(), expected);
}

template <class Raw>
void check_prepare_from(kernels::RawType raw_type) {
    check_prepare<Raw, float>(raw_type, kernels::ModelType::float32);
    check_prepare<Raw, kernels::device::Half>(raw_type, kernels::ModelType::half);
    check_prepare<Raw, kernels::device::BFloat16>(raw_type, kernels::ModelType::bfloat16);
}

TEST(CudaPrepare, EqualsTheHostBodyInEveryType) {
    NEEDS_A_DEVICE();
    check_prepare_from<std::uint8_t>(kernels::RawType::uint8);
    check_prepare_from<std::uint16_t>(kernels::RawType::uint16);
    check_prepare_from<std::int16_t>(kernels::RawType::int16);
    check_prepare_from<float>(kernels::RawType::float32);
}

}  // namespace
}  // namespace spectile::cuda
