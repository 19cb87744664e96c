#include "kernels/plane_conv.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "unit/kernels/each_target.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

using test::test_values;

double gelu_of(double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }

void expect_planes(const std::vector<float>& ours, const std::vector<double>& expected) {
    ASSERT_EQ(ours.size(), expected.size());
    for (std::size_t i = 0; i < ours.size(); ++i)
        ASSERT_NEAR(ours[i], expected[i], 3e-5 * (1 + std::fabs(expected[i]))) << i;
}

/// Value of a plane, 0 beyond its border.
struct Planes {
    const float* values;
    std::int64_t rows, cols;
    double at(std::int64_t plane, std::int64_t row, std::int64_t col) const {
        if (row < 0 || col < 0 || row >= rows || col >= cols) return 0;
        return values[(plane * rows + row) * cols + col];
    }
};

struct PlaneShape {
    std::int64_t inputs, outputs, taps, stride, rows, cols;
    Activation activation;
    bool adds;
};

const PlaneShape kPlaneShapes[] = {{3, 8, 3, 2, 9, 21, Activation::relu, false},
                                   {5, 7, 3, 1, 6, 70, Activation::gelu, true},
                                   {32, 12, 3, 1, 5, 16, Activation::relu, true},
                                   {6, 3, 1, 1, 4, 33, Activation::none, false},
                                   {4, 4, 1, 2, 3, 1, Activation::none, true},
                                   {64, 6, 3, 1, 40, 130, Activation::relu, false}};  // More than a strip.

std::vector<double> expected_conv(const PlaneShape& s, const PlaneConv& conv, const PlaneConvImage& image) {
    const Planes x{image.x, s.stride * s.rows, s.stride * s.cols};
    std::vector<double> y;
    for (std::int64_t o = 0; o < s.outputs; ++o)
        for (std::int64_t row = 0; row < s.rows; ++row)
            for (std::int64_t col = 0; col < s.cols; ++col) {
                double sum = 0;
                for (std::int64_t c = 0; c < s.inputs; ++c)
                    for (std::int64_t tap = 0; tap < s.taps * s.taps; ++tap)
                        sum += conv.weight[(o * s.inputs + c) * s.taps * s.taps + tap] *
                               x.at(c, row * s.stride + tap / s.taps - s.taps / 2,
                                    col * s.stride + tap % s.taps - s.taps / 2);
                sum = sum * conv.norm.scale[o] + conv.norm.shift[o];
                if (image.added) sum += image.added[y.size()];
                if (s.activation == Activation::relu) sum = std::fmax(sum, 0);
                y.push_back(s.activation == Activation::gelu ? gelu_of(sum) : sum);
            }
    return y;
}

TEST(PlaneConv, FollowsItsDefinitionHoweverTheRowsAreCut) {
    for (const auto& s : kPlaneShapes) {
        const auto size = [](std::int64_t count) { return static_cast<std::size_t>(count); };
        const auto weight = test_values(size(s.inputs * s.outputs * s.taps * s.taps), 0.2F),
                   scale = test_values(size(s.outputs), 1), shift = test_values(size(s.outputs), 1),
                   x = test_values(size(s.inputs * s.stride * s.rows * s.stride * s.cols), 1),
                   added = test_values(size(s.outputs * s.rows * s.cols), 1);
        const PlaneConv conv{
            s.inputs, s.outputs, s.taps, s.stride, weight.data(), {scale.data(), shift.data()}, s.activation};
        PlaneConvImage image{s.rows, s.cols, x.data(), s.adds ? added.data() : nullptr, nullptr};
        const auto expected = expected_conv(s, conv, image);
        test::for_each_target([&] {
            std::vector<float> whole(added.size()), cut(added.size());
            image.out = whole.data();
            plane_conv_forward(conv, image, 0, s.rows);
            expect_planes(whole, expected);
            image.out = cut.data();
            plane_conv_forward(conv, image, 0, s.rows / 2);
            plane_conv_forward(conv, image, s.rows / 2, s.rows);
            EXPECT_EQ(whole, cut);
        });
    }
}

/// One pixel's outputs by matrix `part`.
std::vector<double> doubled_pixel(const PlaneDoubling& doubling, const std::vector<double>& x,
                                  std::int64_t part) {
    std::vector<double> y;
    for (std::int64_t o = 0; o < doubling.outputs; ++o) {
        double sum = 0;
        for (std::int64_t c = 0; c < doubling.inputs; ++c)
            sum += doubling.weight[(part * doubling.outputs + o) * doubling.inputs + c] *
                   x[static_cast<std::size_t>(c)];
        y.push_back(sum);
    }
    double mean = 0, square = 0;
    for (const double value : y) mean += value / static_cast<double>(y.size());
    for (const double value : y) square += std::pow(value - mean, 2) / static_cast<double>(y.size());
    for (std::size_t o = 0; o < y.size(); ++o) {
        const double scale = doubling.norm.scale[o], shift = doubling.norm.shift[o];
        y[o] = doubling.layer_norm ? (y[o] - mean) / std::sqrt(square + 1e-5) * scale + shift
                                   : gelu_of(y[o] * scale + shift);
    }
    return y;
}

TEST(PlaneDoubling, FollowsItsDefinitionHoweverTheRowsAreCut) {
    constexpr std::int64_t kInputs = 10, kOutputs = 7, kRows = 5, kCols = 19, kPlane = 4 * kRows * kCols;
    const auto weight = test_values(4 * kInputs * kOutputs, 0.3F), scale = test_values(kOutputs, 1),
               shift = test_values(kOutputs, 1), x = test_values(kInputs * kRows * kCols, 1),
               added = test_values(kOutputs * kPlane, 1);
    const Planes planes{x.data(), kRows, kCols};
    for (const bool layer_norm : {false, true}) {
        const PlaneDoubling doubling{
            kInputs, kOutputs, weight.data(), layer_norm, {scale.data(), shift.data()}};
        std::vector<double> expected(added.size());
        for (std::int64_t row = 0; row < 2 * kRows; ++row)
            for (std::int64_t col = 0; col < 2 * kCols; ++col) {
                std::vector<double> pixel;
                for (std::int64_t c = 0; c < kInputs; ++c) pixel.push_back(planes.at(c, row / 2, col / 2));
                const auto y = doubled_pixel(doubling, pixel, row % 2 * 2 + col % 2);
                for (std::size_t o = 0; o < y.size(); ++o) {
                    const auto at = o * kPlane + static_cast<std::size_t>(row * 2 * kCols + col);
                    expected[at] = y[o] + (layer_norm ? added[at] : 0.0F);
                }
            }
        test::for_each_target([&] {
            std::vector<float> out(added.size());
            const PlaneConvImage image{kRows, kCols, x.data(), layer_norm ? added.data() : nullptr,
                                       out.data()};
            plane_doubling_forward(doubling, image, 0, 2);
            plane_doubling_forward(doubling, image, 2, kRows);
            expect_planes(out, expected);
        });
    }
}

/// Weights of an MLP and what it points at.
struct MlpValues {
    std::vector<float> expand, expand_bias, taps, taps_bias, shrink, shrink_bias, scales, shifts;
    ConvMlp mlp;

    explicit MlpValues(std::int64_t c) {
        const auto width = static_cast<std::size_t>(c), hidden = 2 * width;
        expand = test_values(hidden * width, 0.3F), expand_bias = test_values(hidden, 0.3F);
        taps = test_values(hidden * 9, 0.3F), taps_bias = test_values(hidden, 0.3F);
        shrink = test_values(hidden * width, 0.3F), shrink_bias = test_values(width, 0.3F);
        scales = test_values(hidden, 1), shifts = test_values(hidden, 1);
        const ChannelMap map{scales.data(), shifts.data()};
        mlp = {c,
               2 * c,
               expand.data(),
               expand_bias.data(),
               taps.data(),
               taps_bias.data(),
               shrink.data(),
               shrink_bias.data(),
               map,
               map,
               map};
    }
    double mapped(double x, std::int64_t c) const { return x * mlp.norm1.scale[c] + mlp.norm1.shift[c]; }
};

std::vector<double> expected_mlp(const MlpValues& m, const ConvMlpImage& image) {
    const std::int64_t c = m.mlp.width, h = m.mlp.hidden, plane = image.rows * image.cols;
    std::vector<float> hidden(static_cast<std::size_t>(h * plane)), mixed(hidden.size());
    for (std::int64_t o = 0; o < h; ++o)
        for (std::int64_t i = 0; i < plane; ++i) {
            double sum = m.expand_bias[static_cast<std::size_t>(o)];
            for (std::int64_t k = 0; k < c; ++k)
                sum += double{m.mlp.expand[o * c + k]} * image.x[k * plane + i];
            hidden[static_cast<std::size_t>(o * plane + i)] = static_cast<float>(m.mapped(gelu_of(sum), o));
        }
    const Planes planes{hidden.data(), image.rows, image.cols};
    for (std::int64_t o = 0; o < h; ++o)
        for (std::int64_t i = 0; i < plane; ++i) {
            double sum = m.taps_bias[static_cast<std::size_t>(o)];
            for (std::int64_t tap = 0; tap < 9; ++tap)
                sum += m.mlp.taps[o * 9 + tap] *
                       planes.at(o, i / image.cols + tap / 3 - 1, i % image.cols + tap % 3 - 1);
            const auto at = static_cast<std::size_t>(o * plane + i);
            mixed[at] = static_cast<float>(hidden[at] + m.mapped(gelu_of(sum), o));
        }
    std::vector<double> out;
    for (std::int64_t o = 0; o < c; ++o)
        for (std::int64_t i = 0; i < plane; ++i) {
            double sum = m.shrink_bias[static_cast<std::size_t>(o)];
            for (std::int64_t k = 0; k < h; ++k)
                sum += double{m.mlp.shrink[o * h + k]} * mixed[static_cast<std::size_t>(k * plane + i)];
            out.push_back(m.mapped(sum, o) + (image.added ? image.added[out.size()] : 0.0F));
        }
    return out;
}

TEST(ConvMlp, FollowsItsDefinitionHoweverTheRowsAreCut) {
    for (const auto& [width, rows, cols] : {std::tuple{4, 7, 64}, {8, 5, 21}, {3, 1, 1}, {16, 2, 16}}) {
        const MlpValues m(width);
        const auto x = test_values(static_cast<std::size_t>(width * rows * cols), 1),
                   added = test_values(x.size(), 1);
        for (const float* sum : {static_cast<const float*>(nullptr), added.data()}) {
            ConvMlpImage image{rows, cols, x.data(), sum, nullptr};
            const auto expected = expected_mlp(m, image);
            test::for_each_target([&] {
                std::vector<float> whole(x.size()), cut = added;
                image.out = whole.data();
                image.added = sum;
                conv_mlp_forward(m.mlp, image, 0, rows);
                expect_planes(whole, expected);
                image.out = cut.data();  // Sums may be written over what is added.
                if (sum) image.added = cut.data();
                conv_mlp_forward(m.mlp, image, 0, rows / 2);
                conv_mlp_forward(m.mlp, image, rows / 2, rows);
                EXPECT_EQ(whole, cut);
            });
        }
    }
}

}  // namespace
}  // namespace spectile::kernels
