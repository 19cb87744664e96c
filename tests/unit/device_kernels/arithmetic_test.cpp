#include "kernels/device/arithmetic.cuh"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/golden_file.hpp"

namespace spectile::kernels::device {
namespace {

template <class Type>
Type converted(float value) {
    Type out;
    convert(value, out);
    return out;
}

float float_of(std::uint16_t bits) { return spectile::test::golden_detail::float_of_half(bits); }

TEST(DeviceArithmetic, EveryHalfComesBackAndTiesGoToTheEvenOne) {
    for (std::uint32_t bits = 0; bits < 0x7C00U; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = float_of(half);
        ASSERT_EQ(converted<Half>(value).bits, half);
        ASSERT_EQ(converted<Half>(-value).bits, half | 0x8000U);
        if (bits + 1 == 0x7C00U) continue;
        const float middle = (value + float_of(static_cast<std::uint16_t>(bits + 1))) / 2;
        const auto even = static_cast<std::uint16_t>(bits + (bits & 1U));
        ASSERT_EQ(converted<Half>(middle).bits, even) << bits;
        ASSERT_EQ(converted<Half>(std::nextafter(middle, 0.0F)).bits, half) << bits;
        ASSERT_EQ(converted<Half>(std::nextafter(middle, 1e9F)).bits, bits + 1) << bits;
    }
}

TEST(DeviceArithmetic, HalfKeepsInfinitiesAndNaN) {
    const float infinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(converted<Half>(infinity).bits, 0x7C00U);
    EXPECT_EQ(converted<Half>(-infinity).bits, 0xFC00U);
    EXPECT_EQ(converted<Half>(65520.0F).bits, 0x7C00U);
    EXPECT_EQ(converted<Half>(std::nextafter(65520.0F, 0.0F)).bits, 0x7BFFU);
    EXPECT_EQ(converted<Half>(std::nanf("")).bits & 0x7FFFU, 0x7E00U);
}

float wide(BFloat16 value) {
    const std::uint32_t bits = static_cast<std::uint32_t>(value.bits) << 16;
    float out = 0;
    std::memcpy(&out, &bits, sizeof(out));
    return out;
}

TEST(DeviceArithmetic, BFloat16IsTheNearestWithTiesToEven) {
    for (std::uint32_t bits = 0x0080; bits < 0x7F7FU; ++bits) {
        const float low = wide({static_cast<std::uint16_t>(bits)});
        const float high = wide({static_cast<std::uint16_t>(bits + 1)});
        const float middle = low / 2 + high / 2;
        ASSERT_EQ(converted<BFloat16>(low).bits, bits);
        ASSERT_EQ(converted<BFloat16>(middle).bits, bits + (bits & 1U));
        ASSERT_EQ(converted<BFloat16>(std::nextafter(middle, 0.0F)).bits, bits);
        ASSERT_EQ(converted<BFloat16>(-std::nextafter(middle, high)).bits, (bits + 1) | 0x8000U);
    }
    EXPECT_EQ(converted<BFloat16>(std::numeric_limits<float>::infinity()).bits, 0x7F80U);
    EXPECT_EQ(converted<BFloat16>(std::numeric_limits<float>::max()).bits, 0x7F80U);
    EXPECT_TRUE(std::isnan(wide(converted<BFloat16>(std::nanf("")))));
}

TEST(DeviceArithmetic, SoftplusAndItsSlopeAgreeWithDouble) {
    for (float at = -40; at < 40; at += 0.37F) {
        const double x = at;
        const double value = std::log1p(std::exp(x));
        const double slope = 1 / (1 + std::exp(-x));
        const float ours = softplus(at);
        EXPECT_NEAR(ours, value, 4e-7 * value) << x;
        EXPECT_NEAR(softplus_slope(ours), slope, 4e-7 * slope) << x;
    }
}

TEST(DeviceArithmetic, SiluSlopeIsTheDifferenceQuotient) {
    const auto exact = [](double x) { return x / (1 + std::exp(-x)); };
    for (double x = -9; x < 9; x += 0.21)
        EXPECT_NEAR(silu_slope(static_cast<float>(x)), (exact(x + 1e-5) - exact(x - 1e-5)) / 2e-5, 1e-6) << x;
}

}  // namespace
}  // namespace spectile::kernels::device
