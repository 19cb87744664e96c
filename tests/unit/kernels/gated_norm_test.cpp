#include "kernels/gated_norm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "unit/kernels/each_target.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

TEST(GatedNorm, FollowsItsDefinitionHoweverTheTokensAreCut) {
    for (const std::size_t channels : {1U, 8U, 19U, 64U}) {
        constexpr std::size_t kTokens = 9;
        const std::size_t stride = 2 * channels;
        const auto weight = test::test_values(channels, 1), bias = test::test_values(channels, 1),
                   z = test::test_values(kTokens * stride, 2), y = test::test_values(kTokens * channels, 1);
        test::for_each_target([&] {
            auto ours = y;
            const GatedNorm gated{static_cast<std::int64_t>(channels),
                                  static_cast<std::int64_t>(stride),
                                  weight.data(),
                                  bias.data(),
                                  z.data() + channels,
                                  ours.data()};
            gate_and_norm(gated, 0, 4);
            gate_and_norm(gated, 4, kTokens);
            for (std::size_t token = 0; token < kTokens; ++token) {
                double mean = 0, square = 0;
                const float* own = y.data() + token * channels;
                const auto n = static_cast<double>(channels);
                for (std::size_t c = 0; c < channels; ++c) mean += own[c] / n;
                for (std::size_t c = 0; c < channels; ++c) square += std::pow(own[c] - mean, 2) / n;
                for (std::size_t c = 0; c < channels; ++c) {
                    const double gate = z[token * stride + channels + c],
                                 normed = (own[c] - mean) / std::sqrt(square + 1e-5) * weight[c] + bias[c];
                    EXPECT_NEAR(ours[token * channels + c], normed * gate / (1 + std::exp(-gate)), 3e-5);
                }
            }
        });
    }
}

}  // namespace
}  // namespace spectile::kernels
