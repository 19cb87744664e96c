#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "kernels/device/argmax.cuh"
#include "unit/device_kernels/any_order.hpp"

namespace spectile::kernels::device {
namespace {

/// The first of the largest values that are above minus infinity; 0 where there is none.
std::int32_t largest(const std::vector<float>& values, std::size_t pixel, std::size_t pixels) {
    std::int32_t best = -1;
    for (std::size_t c = 0; c * pixels < values.size(); ++c) {
        const float value = values[c * pixels + pixel];
        if (std::isnan(value) || value == -INFINITY) continue;
        if (best < 0 || value > values[static_cast<std::size_t>(best) * pixels + pixel])
            best = static_cast<std::int32_t>(c);
    }
    return std::max(best, 0);
}

TEST(DeviceArgmax, GivesTheFirstOfTheLargest) {
    EXPECT_TRUE(rc::check("argmax on the grid = a plain loop", [] {
        const auto channels = *rc::gen::inRange<std::int64_t>(1, 9);
        const auto pixels = *rc::gen::inRange<std::int64_t>(0, 700);
        std::mt19937 generator(*rc::gen::arbitrary<unsigned>());
        std::vector<float> values(static_cast<std::size_t>(channels * pixels));
        for (float& value : values) {
            const auto pick = generator() % 16;  // equal values, NaN and infinities on purpose
            value = pick == 0   ? std::nanf("")
                    : pick == 1 ? -INFINITY
                                : static_cast<float>(static_cast<int>(pick) - 8);
        }
        std::vector<std::int32_t> expected(static_cast<std::size_t>(pixels));
        for (std::size_t p = 0; p < expected.size(); ++p) expected[p] = largest(values, p, expected.size());
        const auto ours = test::same_in_any_order<std::int32_t>([&](Order order) {
            std::vector<std::int32_t> index(expected.size(), -1);
            const ArgmaxChannels kernel{values.data(), channels, pixels, index.data()};
            run_on_host(kernel, kernel.blocks(), order);
            return index;
        });
        RC_ASSERT(ours == expected);
    }));
}

}  // namespace
}  // namespace spectile::kernels::device
