#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "each_target.hpp"
#include "kernels/argmax.hpp"
#include "kernels/softmax.hpp"
#include "random_values.hpp"

namespace spectile::kernels {
namespace {

TEST(Argmax, FirstOfEqualsWinsAtEveryPlace) {
    std::mt19937 generator(3);
    test::for_each_target([&] {
        for (const int pixels : {1, 3, 8, 37}) {
            constexpr int kChannels = 5;
            std::vector<float> values(kChannels * pixels);
            for (float& value : values) value = static_cast<float>(test::integer_between(generator, -2, 2));
            std::vector<std::int32_t> index(pixels, -1);
            argmax_channels(values.data(), kChannels, pixels, index.data());
            for (int p = 0; p < pixels; ++p) {
                int best = 0;
                for (int c = 1; c < kChannels; ++c)
                    if (values[c * pixels + p] > values[best * pixels + p]) best = c;
                EXPECT_EQ(index[p], best) << "pixel " << p << " of " << pixels;
            }
        }
    });
}

TEST(Argmax, NanNeverWinsOverANumber) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> values(3 * 19);
    for (int p = 0; p < 19; ++p) {
        values[p] = nan;
        values[19 + p] = -5.0F;
        values[38 + p] = nan;
    }
    test::for_each_target([&] {
        std::vector<std::int32_t> index(19, -1);
        argmax_channels(values.data(), 3, 19, index.data());
        for (const auto i : index) EXPECT_EQ(i, 1);
    });
}

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
