#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cuda/device_array.hpp"
#include "kernels/cuda_launchers.hpp"

namespace spectile::cuda {
namespace {

// "Started": the program with all kernels in it runs where there is no driver, and a launch says why it
// cannot.
TEST(CudaStart, WithoutADeviceALaunchSaysSoInOneLine) {
    if (device_count() > 0) GTEST_SKIP() << "this machine has a CUDA device";
    const char* fault = kernels::cuda_argmax_channels(nullptr, 1, 1, nullptr, nullptr);
    ASSERT_NE(fault, nullptr);
    EXPECT_THAT(std::string(fault), testing::MatchesRegex("[^\n]+"));
}

TEST(CudaStart, NothingIsLaunchedForNothing) {
    EXPECT_EQ(kernels::cuda_argmax_channels(nullptr, 3, 0, nullptr, nullptr), nullptr);
    EXPECT_EQ(kernels::cuda_blend_finish(nullptr, nullptr, nullptr, 1, 0, nullptr), nullptr);
    EXPECT_EQ(kernels::cuda_prepare_bands({}, nullptr), nullptr);
    EXPECT_EQ(kernels::cuda_ss2d_merge({}, nullptr), nullptr);
}

TEST(CudaStart, WhatTheKernelsDoNotHoldIsRefusedBeforeALaunch) {
    kernels::device::PlainScan scan{};
    scan.sizes = {1, 1, 1, 17};
    EXPECT_THAT(kernels::cuda_selective_scan_forward(scan, {}, {}, nullptr), testing::HasSubstr("16 states"));
    scan.sizes.states = 16;
    float value = 0;
    kernels::CudaScanGradients gradients;
    gradients.B = {&value, 1, 1, 1};
    EXPECT_THAT(kernels::cuda_selective_scan_backward(scan, {}, nullptr, gradients, nullptr),
                testing::HasSubstr("parts"));
    kernels::Ss2dMergeCall call{};
    call.channels = 513;
    EXPECT_THAT(kernels::cuda_ss2d_merge(call, nullptr), testing::HasSubstr("512 channels"));
}

}  // namespace
}  // namespace spectile::cuda
