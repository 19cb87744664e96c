#include "kernels/spectral_mamba.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "each_target.hpp"
#include "spectral_mamba_reference.hpp"

namespace spectile::kernels {
namespace {

/// [bands, rows, cols] cut to a window.
std::vector<float> cut(const std::vector<float>& cube, std::int64_t bands, std::int64_t rows,
                       std::int64_t cols, std::int64_t top, std::int64_t left, std::int64_t height,
                       std::int64_t width) {
    std::vector<float> out;
    for (std::int64_t band = 0; band < bands; ++band)
        for (std::int64_t row = top; row < top + height; ++row)
            for (std::int64_t col = left; col < left + width; ++col)
                out.push_back(cube[static_cast<std::size_t>((band * rows + row) * cols + col)]);
    return out;
}

struct Scene {
    std::int64_t rows, cols;
    std::vector<float> cube;
};

Scene random_scene(std::mt19937& generator, const SpectralMambaShape& shape, int rows, int cols) {
    const std::size_t pixels = static_cast<std::size_t>(rows + 2 * shape.halo()) * (cols + 2 * shape.halo());
    return {rows, cols, test::normal_values(generator, pixels * shape.bands)};
}

std::vector<float> predict(const SpectralMambaDense& network, const SpectralMambaShape& shape,
                           const Scene& scene, const std::vector<std::int64_t>& row_cuts,
                           const std::uint8_t* wanted = nullptr) {
    std::vector<float> logits(static_cast<std::size_t>(shape.classes * scene.rows * scene.cols));
    std::vector<float> scratch;
    for (std::size_t i = 0; i + 1 < row_cuts.size(); ++i)
        network.predict({scene.cube.data(), scene.rows, scene.cols, logits.data(), wanted}, row_cuts[i],
                        row_cuts[i + 1], scratch);
    return logits;
}

TEST(SpectralMambaDense, AgreesWithTheSpecificationPixelByPixelForAnyShape) {
    test::for_each_target([&] {
        std::mt19937 generator(21);
        for (int trial = 0; trial < 12; ++trial) {
            const SpectralMambaShape shape = test::random_shape(generator);
            SCOPED_TRACE(test::describe(shape));
            const test::RandomWeights weights(generator, shape);
            const SpectralMambaDense network(shape, weights.pointers);
            const Scene scene = random_scene(generator, shape, 2, 5);
            const auto logits = predict(network, shape, scene, {0, 2});
            const std::int64_t margin = 2 * shape.halo();
            for (std::int64_t p = 0; p < 10; ++p) {
                const auto window = cut(scene.cube, shape.bands, 2 + margin, 5 + margin, p / 5, p % 5,
                                        margin + 1, margin + 1);
                const auto expected = test::reference_logits(shape, weights.pointers, window);
                double largest = 0;
                for (const double value : expected) largest = std::max(largest, std::abs(value));
                for (int k = 0; k < shape.classes; ++k)
                    ASSERT_NEAR(logits[k * 10 + p], expected[k], 2e-5 * largest)
                        << "pixel " << p << " class " << k;
            }
        }
    });
}

TEST(SpectralMambaDense, BytesDoNotDependOnTilesRowSplitsOrPlaceInTheRow) {
    test::for_each_target([&] {
        std::mt19937 generator(22);
        for (int trial = 0; trial < 6; ++trial) {
            const SpectralMambaShape shape = test::random_shape(generator);
            SCOPED_TRACE(test::describe(shape));
            const test::RandomWeights weights(generator, shape);
            const SpectralMambaDense network(shape, weights.pointers);
            const Scene scene = random_scene(generator, shape, 5, 70);  // more than two strips
            const auto whole = predict(network, shape, scene, {0, 5});
            EXPECT_EQ(predict(network, shape, scene, {0, 1, 2, 3, 4, 5}), whole);
            EXPECT_EQ(predict(network, shape, scene, {0, 3, 5}), whole);
            const std::int64_t margin = 2 * shape.halo();
            for (int tile = 0; tile < 6; ++tile) {
                const int top = test::integer_between(generator, 0, 4);
                const int left = test::integer_between(generator, 0, 69);
                const int height = test::integer_between(generator, 1, 5 - top);
                const int width = test::integer_between(generator, 1, 70 - left);
                const Scene part{height, width,
                                 cut(scene.cube, shape.bands, 5 + margin, 70 + margin, top, left,
                                     height + margin, width + margin)};
                EXPECT_EQ(predict(network, shape, part, {0, height}),
                          cut(whole, shape.classes, 5, 70, top, left, height, width))
                    << "tile " << height << "x" << width << " at " << top << "," << left;
            }
        }
    });
}

TEST(SpectralMambaDense, WantedPixelsHaveTheSameBytesWhateverElseIsLeftOut) {
    test::for_each_target([&] {
        std::mt19937 generator(24);
        for (int trial = 0; trial < 8; ++trial) {
            const SpectralMambaShape shape = test::random_shape(generator);
            SCOPED_TRACE(test::describe(shape));
            const test::RandomWeights weights(generator, shape);
            const SpectralMambaDense network(shape, weights.pointers);
            constexpr int kRows = 9, kCols = 70;
            const Scene scene = random_scene(generator, shape, kRows, kCols);
            const auto whole = predict(network, shape, scene, {0, kRows});
            std::vector<std::uint8_t> wanted(kRows * kCols);
            // Single pixels, whole rows, gaps of several rows and of whole strips.
            for (int i = 0; i < kRows * kCols; ++i)
                wanted[i] = i % 97 == 0 || (i / kCols == 6 && i % kCols < 40) ? 1 : 0;
            for (const auto& cuts : {std::vector<std::int64_t>{0, kRows}, {0, 4, 5, kRows}}) {
                const auto got = predict(network, shape, scene, cuts, wanted.data());
                for (std::size_t i = 0; i < got.size(); ++i) {
                    if (!wanted[i % wanted.size()]) continue;
                    ASSERT_EQ(got[i], whole[i]) << "value " << i;
                }
            }
            const std::vector<std::uint8_t> none(wanted.size());
            const auto nothing = predict(network, shape, scene, {0, kRows}, none.data());
            EXPECT_TRUE(std::all_of(nothing.begin(), nothing.end(), [](float v) { return v == 0.0F; }));
        }
    });
}

TEST(SpectralMambaDense, Bfloat16StaysNearFloat32AndWithinItsScratch) {
    test::for_each_target([&] {
        std::mt19937 generator(25);
        for (int trial = 0; trial < 6; ++trial) {
            SpectralMambaShape shape = test::random_shape(generator);
            shape.patch_size = 3;  // Without GSSM there is no pointwise product.
            SCOPED_TRACE(test::describe(shape));
            const test::RandomWeights weights(generator, shape);
            const SpectralMambaDense full(shape, weights.pointers), low(shape, weights.pointers, true);
            const Scene scene = random_scene(generator, shape, 3, 40);
            const auto wanted = predict(full, shape, scene, {0, 3}), got = predict(low, shape, scene, {0, 3});
            double largest = 0, worst = 0;
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                largest = std::max<double>(largest, std::abs(wanted[i]));
                worst = std::max<double>(worst, std::abs(wanted[i] - got[i]));
            }
            EXPECT_GT(worst, 0) << "nothing was rounded";
            EXPECT_LT(worst, 0.05 * largest);
            EXPECT_EQ(predict(low, shape, scene, {0, 1, 3}), got);
            std::vector<float> scratch, logits(wanted.size());
            low.predict({scene.cube.data(), scene.rows, scene.cols, logits.data()}, 0, 3, scratch);
            EXPECT_LE(scratch.size() * sizeof(float), low.scratch_bytes());
        }
    });
}

TEST(SpectralMambaDense, ScratchStaysWithinItsStatedBoundAndItsContentsDoNotMatter) {
    std::mt19937 generator(23);
    const SpectralMambaShape shape = test::random_shape(generator);
    const test::RandomWeights weights(generator, shape);
    const SpectralMambaDense network(shape, weights.pointers);
    const Scene scene = random_scene(generator, shape, 3, 40);
    const std::size_t count = static_cast<std::size_t>(shape.classes) * 120;
    std::vector<float> clean(count), dirty(count), scratch;
    network.predict({scene.cube.data(), 3, 40, clean.data()}, 0, 3, scratch);
    EXPECT_LE(scratch.size() * sizeof(float), network.scratch_bytes());
    std::fill(scratch.begin(), scratch.end(), std::nanf(""));
    network.predict({scene.cube.data(), 3, 40, dirty.data()}, 0, 3, scratch);
    EXPECT_EQ(clean, dirty);
}

}  // namespace
}  // namespace spectile::kernels
