#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "kernels/argmax.hpp"
#include "kernels/device/argmax.cuh"
#include "unit/device_kernels/any_order.hpp"

namespace spectile::kernels::device {
namespace {

TEST(DeviceArgmax, GivesTheSameIndicesAsTheCpuKernel) {
    EXPECT_TRUE(rc::check("argmax on the grid = argmax_channels", [] {
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
        argmax_channels(values.data(), channels, pixels, expected.data());
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
