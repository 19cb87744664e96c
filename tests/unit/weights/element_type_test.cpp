#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "weights/tensor_view.hpp"

namespace spectile::weights {
namespace {

template <typename T>
std::vector<float> floats(ElementType type, const std::vector<T>& values) {
    TensorView view{type, {static_cast<std::int64_t>(values.size())}, std::as_bytes(std::span(values))};
    return to_floats(view);
}

TEST(ElementType, HalfPrecisionIsExact) {
    using U16 = std::uint16_t;
    const auto values =
        floats<U16>(ElementType::F16, {0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00, 0x8000, 0x3555});
    EXPECT_THAT(values,
                testing::ElementsAre(1.0F, -2.0F, 0x1p-24F, 65504.0F, INFINITY, -0.0F, 0.333251953125F));
    EXPECT_TRUE(std::signbit(values[5]));
    EXPECT_TRUE(std::isnan(floats<U16>(ElementType::F16, {0x7E00})[0]));
}

TEST(ElementType, Bfloat16IsTheUpperHalfOfAFloat) {
    EXPECT_THAT(floats<std::uint16_t>(ElementType::BF16, {0x3F80, 0xC040}),
                testing::ElementsAre(1.0F, -3.0F));
}

TEST(ElementType, IntegersBooleansAndDoublesConvert) {
    EXPECT_THAT(floats<std::int64_t>(ElementType::I64, {-7, 1 << 20}),
                testing::ElementsAre(-7.0F, 1048576.0F));
    EXPECT_THAT(floats<std::uint8_t>(ElementType::BOOL, {0, 1, 255}), testing::ElementsAre(0.0F, 1.0F, 1.0F));
    EXPECT_THAT(floats<double>(ElementType::F64, {0.1}), testing::ElementsAre(0.1F));
    EXPECT_THAT(floats<std::int8_t>(ElementType::I8, {-128}), testing::ElementsAre(-128.0F));
}

TEST(ElementType, UnalignedDataAreRead) {
    std::vector<std::byte> bytes(1 + 2 * sizeof(float));
    const float values[] = {1.5F, -2.25F};
    std::memcpy(bytes.data() + 1, values, sizeof values);
    EXPECT_THAT(to_floats({ElementType::F32, {2}, std::span<const std::byte>(bytes).subspan(1)}),
                testing::ElementsAre(1.5F, -2.25F));
}

}  // namespace
}  // namespace spectile::weights
