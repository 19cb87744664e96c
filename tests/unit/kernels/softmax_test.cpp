#include "kernels/softmax.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "each_target.hpp"
#include "random_values.hpp"

namespace spectile::kernels {
namespace {

TEST(Softmax, AgreesWithDoubleAndMayWorkInPlace) {
    std::mt19937 generator(4);
    test::for_each_target([&] {
        for (const int pixels : {1, 4, 16, 29}) {
            constexpr int kChannels = 7;
            auto values = test::normal_values(generator, kChannels * pixels, 20.0F);
            const auto logits = values;
            softmax_channels(values.data(), kChannels, pixels, values.data());
            for (int p = 0; p < pixels; ++p) {
                double largest = -1e30;
                double sum = 0;
                for (int c = 0; c < kChannels; ++c)
                    largest = std::max<double>(largest, logits[c * pixels + p]);
                for (int c = 0; c < kChannels; ++c) sum += std::exp(logits[c * pixels + p] - largest);
                for (int c = 0; c < kChannels; ++c)
                    EXPECT_NEAR(values[c * pixels + p], std::exp(logits[c * pixels + p] - largest) / sum,
                                1e-6);
            }
        }
    });
}

TEST(Softmax, APixelDoesNotDependOnItsNeighbours) {
    std::mt19937 generator(5);
    const auto logits = test::normal_values(generator, 3 * 21);
    test::for_each_target([&] {
        std::vector<float> whole(logits.size());
        softmax_channels(logits.data(), 3, 21, whole.data());
        for (int p = 0; p < 21; ++p) {
            float alone[3] = {logits[p], logits[21 + p], logits[42 + p]};
            softmax_channels(alone, 3, 1, alone);
            for (int c = 0; c < 3; ++c) ASSERT_EQ(alone[c], whole[c * 21 + p]) << p;
        }
    });
}

}  // namespace
}  // namespace spectile::kernels
