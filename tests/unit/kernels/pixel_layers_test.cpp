#include "kernels/pixel_layers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/group_norm.hpp"
#include "unit/kernels/each_target.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

using Floats = std::vector<float>;

constexpr float kUntouched = -77.0F;

/// A map of random values in memory that has something behind each row of pixels.
struct RandomMap {
    std::size_t rows, cols, width, gap;
    Floats values;

    RandomMap(std::mt19937& generator, std::size_t of_rows, std::size_t of_cols, std::size_t of_width)
        : rows(of_rows), cols(of_cols), width(of_width), gap(5) {
        values = test::normal_values(generator, rows * row_stride());
    }
    std::size_t row_stride() const { return cols * width + gap; }
    Pixels pixels() { return {values.data(), rows, cols, row_stride(), width}; }
    double at(std::size_t row, std::size_t col, std::size_t channel) const {
        return double{values[row * row_stride() + col * width + channel]};
    }
};

struct Convolution {
    std::size_t in, out, rows, cols;
};
// Inputs of one piece and of several, outputs that fill no panel, every number of pixels behind whole tiles.
const Convolution kConvolutions[] = {{3, 5, 2, 7},     {128, 64, 1, 12}, {130, 70, 3, 9},
                                     {300, 129, 2, 4}, {40, 64, 1, 11},  {7, 1, 4, 1}};

TEST(PixelLayers, ConvolutionsEqualTheirSumsAndWriteNothingElse) {
    for (const auto& the : kConvolutions)
        test::for_each_target([&] {
            std::mt19937 generator(5);
            const auto weight =
                test::normal_values(generator, the.out * the.in, 1 / std::sqrt(static_cast<float>(the.in)));
            const auto bias = test::normal_values(generator, the.out);
            const PixelMatrix matrix(weight.data(), bias.data(), the.out, the.in);
            RandomMap x(generator, the.rows, the.cols, the.in),
                y(generator, the.rows, the.cols, matrix.width());
            std::fill(y.values.begin(), y.values.end(), kUntouched);
            for (std::size_t panel = 0; panel < matrix.panels(); ++panel) {
                Pixels to = y.pixels();
                to.first += panel * kChannelPanel;
                convolve_pixels(matrix, panel, x.pixels(), to);
            }
            for (std::size_t row = 0; row < the.rows; ++row)
                for (std::size_t col = 0; col < the.cols; ++col)
                    for (std::size_t o = 0; o < matrix.width(); ++o) {
                        double sum = o < the.out ? double{bias[o]} : 0;
                        for (std::size_t k = 0; o < the.out && k < the.in; ++k)
                            sum += double{weight[o * the.in + k]} * x.at(row, col, k);
                        ASSERT_NEAR(y.at(row, col, o), sum, 1e-5) << the.in << ' ' << row << ' ' << col;
                    }
            for (std::size_t row = 0; row < the.rows; ++row)
                for (std::size_t i = 0; i < y.gap; ++i)
                    ASSERT_EQ(y.values[row * y.row_stride() + the.cols * y.width + i], kUntouched);
        });
}

TEST(PixelLayers, GroupNormalisationEqualsItsDefinitionWhateverThePieces) {
    constexpr std::size_t kWidth = 128, kChannels = 96, kGroups = 16, kRows = 5, kCols = 7;
    std::mt19937 generator(8);
    RandomMap map(generator, kRows, kCols, kWidth);
    for (float& value : map.values) value += 30;  // Squares alone would lose the variance.
    const GroupNorm norm{test::normal_values(generator, kChannels), test::normal_values(generator, kChannels),
                         kGroups};
    GroupMoments whole(1, kWidth), pieces(kRows, kWidth);
    for (std::size_t panel = 0; panel < kWidth / kChannelPanel; ++panel) {
        Pixels channels = map.pixels();
        channels.first += panel * kChannelPanel;
        whole.describe_panel(0, panel, channels);
    }
    for (std::size_t row = kRows; row-- > 0;)
        pieces.describe(row, {map.pixels().row(row), 1, kCols, 0, kWidth});
    for (auto* moments : {&whole, &pieces}) {
        moments->normalise(norm);
        for (std::size_t c = 0; c < kWidth; ++c) {
            if (c >= kChannels) {
                EXPECT_EQ(moments->scale().scale[c], 0.0F);
                EXPECT_EQ(moments->scale().shift[c], 0.0F);
                continue;
            }
            const std::size_t first = c / (kChannels / kGroups) * (kChannels / kGroups);
            double mean = 0, variance = 0;
            const double count = kRows * kCols * (kChannels / kGroups);
            const auto each = [&](auto add) {
                for (std::size_t row = 0; row < kRows; ++row)
                    for (std::size_t col = 0; col < kCols; ++col)
                        for (std::size_t k = first; k < first + kChannels / kGroups; ++k)
                            add(map.at(row, col, k));
            };
            each([&](double value) { mean += value / count; });
            each([&](double value) { variance += (value - mean) * (value - mean) / count; });
            const double scale = double{norm.weight[c]} / std::sqrt(variance + 1e-5);
            EXPECT_NEAR(double{moments->scale().scale[c]}, scale, 1e-5);
            EXPECT_NEAR(double{moments->scale().shift[c]}, double{norm.bias[c]} - mean * scale, 2e-4);
        }
    }
}

TEST(PixelLayers, ScaledValuesPassThroughGelu) {
    std::mt19937 generator(3);
    RandomMap map(generator, 2, 3, kChannelPanel);
    const auto scale = test::normal_values(generator, kChannelPanel);
    const auto shift = test::normal_values(generator, kChannelPanel);
    test::for_each_target([&] {
        RandomMap out = map;
        scale_and_gelu({scale.data(), shift.data(), kChannelPanel}, map.pixels(), out.pixels());
        for (std::size_t row = 0; row < 2; ++row)
            for (std::size_t col = 0; col < 3; ++col)
                for (std::size_t c = 0; c < kChannelPanel; ++c) {
                    const double x = map.at(row, col, c) * double{scale[c]} + double{shift[c]};
                    ASSERT_NEAR(out.at(row, col, c), x / 2 * (1 + std::erf(x / std::sqrt(2.0))), 2e-6);
                }
        EXPECT_EQ(out.values.back(), map.values.back()) << "behind the row";
    });
}

/// From a side to a side; one pixel, the same size, fewer pixels.
TEST(PixelLayers, ResizingGoesFromCornerToCorner) {
    const std::pair<std::size_t, std::size_t> sides[] = {{1, 4}, {2, 5}, {6, 16}, {5, 5}, {6, 4}, {3, 1}};
    for (const auto& [from, to] : sides)
        test::for_each_target([&] {
            std::mt19937 generator(2);
            auto values = test::normal_values(generator, from * from * kChannelPanel);
            const Floats before = test::normal_values(generator, to * to * kChannelPanel);
            Floats out = before;
            const std::size_t half = to * to / 2;
            const PixelMap map{values.data(), from, kChannelPanel};
            add_resized(map, {to, 0, half}, out.data());
            add_resized(map, {to, half, to * to - half}, out.data() + half * kChannelPanel);
            const double step = to > 1 ? static_cast<double>(from - 1) / static_cast<double>(to - 1) : 0;
            const auto weight = [&](std::size_t index, std::size_t source) {
                return std::max(
                    0.0, 1 - std::abs(static_cast<double>(index) * step - static_cast<double>(source)));
            };
            for (std::size_t pixel = 0; pixel < to * to; ++pixel)
                for (std::size_t c = 0; c < kChannelPanel; c += 21) {
                    double expected = double{before[pixel * kChannelPanel + c]};
                    for (std::size_t source = 0; source < from * from; ++source)
                        expected += weight(pixel / to, source / from) * weight(pixel % to, source % from) *
                                    double{values[source * kChannelPanel + c]};
                    ASSERT_NEAR(double{out[pixel * kChannelPanel + c]}, expected, 2e-6) << from << ' ' << to;
                }
        });
}

TEST(PixelLayers, TheLargestOfEachChannelIsFound) {
    std::mt19937 generator(6);
    RandomMap map(generator, 3, 2, 2 * kChannelPanel);
    for (float& value : map.values) value -= 10;
    test::for_each_target([&] {
        Floats largest(2 * kChannelPanel);
        find_largest(map.pixels(), largest.size(), largest.data());
        for (std::size_t c = 0; c < largest.size(); ++c) {
            double expected = -1e9;
            for (std::size_t row = 0; row < 3; ++row)
                for (std::size_t col = 0; col < 2; ++col) expected = std::max(expected, map.at(row, col, c));
            ASSERT_EQ(double{largest[c]}, expected);
        }
    });
}

}  // namespace
}  // namespace spectile::kernels
