#include "kernels/depthwise.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "unit/kernels/each_target.hpp"
#include "unit/kernels/expect_near.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

using test::for_each_target;

struct Image {
    Depthwise conv;
    std::vector<float> x, weight, bias;
    Image(std::int64_t batch, std::int64_t rows, std::int64_t cols, std::int64_t channels) {
        conv = {.batch = batch, .rows = rows, .cols = cols, .channels = channels};
        x = test::test_values(static_cast<std::size_t>(batch * rows * cols * channels), 1);
        weight = test::test_values(static_cast<std::size_t>(9 * channels), 1);
        bias = test::test_values(static_cast<std::size_t>(channels), 1);
        conv.x = x.data();
        conv.weight = weight.data();
        conv.bias = bias.data();
    }
    std::size_t at(std::int64_t b, std::int64_t y, std::int64_t x_at, std::int64_t c) const {
        return static_cast<std::size_t>(((b * conv.rows + y) * conv.cols + x_at) * conv.channels + c);
    }
    /// Calls body(output index, input index, weight index) for every product of the convolution.
    template <typename Body>
    void products(Body body) const {
        for (std::int64_t b = 0; b < conv.batch; ++b)
            for (std::int64_t y = 0; y < conv.rows; ++y)
                for (std::int64_t z = 0; z < conv.cols; ++z)
                    for (std::int64_t i = -1; i <= 1; ++i)
                        for (std::int64_t j = -1; j <= 1; ++j) {
                            if (y + i < 0 || y + i >= conv.rows || z + j < 0 || z + j >= conv.cols) continue;
                            for (std::int64_t c = 0; c < conv.channels; ++c)
                                body(at(b, y, z, c), at(b, y + i, z + j, c),
                                     static_cast<std::size_t>((3 * i + j + 4) * conv.channels + c));
                        }
    }
};

/// Made in place: a copy would point into the first one's values.
std::vector<Image> images() {
    std::vector<Image> list;
    list.reserve(4);
    list.emplace_back(2, 4, 4, 8);
    list.emplace_back(1, 5, 7, 19);
    list.emplace_back(3, 1, 1, 4);
    list.emplace_back(1, 2, 9, 32);
    return list;
}

TEST(Depthwise, FollowsItsDefinition) {
    for_each_target([] {
        for (const auto& image : images()) {
            std::vector<double> expected(image.x.size());
            for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = image.bias[i % image.bias.size()];
            image.products([&](auto out, auto in, auto tap) {
                expected[out] += double{image.x[in]} * image.weight[tap];
            });
            std::vector<float> out(image.x.size());
            depthwise_forward(image.conv, out.data(), 0, image.conv.batch * image.conv.rows);
            test::expect_near(out, expected);
        }
    });
}

TEST(Depthwise, ReadsAPartOfWiderPixelsAndAppliesSilu) {
    for_each_target([] {
        for (const auto& image : images()) {
            const auto width = static_cast<std::size_t>(image.conv.channels);
            std::vector<float> plain(image.x.size()), wide(3 * image.x.size(), 7.0F), out(image.x.size());
            depthwise_forward(image.conv, plain.data(), 0, image.conv.batch * image.conv.rows);
            for (std::size_t i = 0; i < image.x.size(); ++i)
                wide[i / width * 3 * width + i % width] = image.x[i];
            auto conv = image.conv;
            conv.x = wide.data();
            conv.x_stride = 3 * conv.channels;
            conv.silu = true;
            depthwise_forward(conv, out.data(), 0, conv.batch * conv.rows);
            for (std::size_t i = 0; i < out.size(); ++i)
                EXPECT_NEAR(out[i], plain[i] / (1 + std::exp(-double{plain[i]})), 1e-6) << i;
        }
    });
}

TEST(Depthwise, GradientsFollowTheDefinition) {
    for_each_target([] {
        for (const auto& image : images()) {
            const auto grad = test::test_values(image.x.size(), 1);
            std::vector<double> d_x(image.x.size()), d_weight(image.weight.size()), d_bias(image.bias.size());
            for (std::size_t i = 0; i < grad.size(); ++i) d_bias[i % d_bias.size()] += grad[i];
            image.products([&](auto out, auto in, auto tap) {
                d_x[in] += double{grad[out]} * image.weight[tap];
                d_weight[tap] += double{grad[out]} * image.x[in];
            });
            std::vector<float> ours_x(d_x.size()), ours_weight(d_weight.size()), ours_bias(d_bias.size());
            depthwise_backward(image.conv, grad.data(), ours_x.data(), ours_weight.data(), ours_bias.data());
            test::expect_near(ours_x, d_x);
            test::expect_near(ours_weight, d_weight);
            test::expect_near(ours_bias, d_bias);
        }
    });
}

}  // namespace
}  // namespace spectile::kernels
