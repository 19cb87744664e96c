#include "spectral_mamba_golden.hpp"

#include <gtest/gtest.h>

#include "each_target.hpp"

namespace spectile::kernels {
namespace {

using spectile::test::GoldenFile;

constexpr double kTolerance = 1e-5;  // golden/spectralmamba/README.md, float32 arithmetic

/// The scene with its nearest edge pixel repeated `halo` times on every side.
std::vector<float> with_border(const std::vector<float>& scene, std::int64_t bands, std::int64_t rows,
                               std::int64_t cols, std::int64_t halo) {
    std::vector<float> out;
    for (std::int64_t band = 0; band < bands; ++band)
        for (std::int64_t row = -halo; row < rows + halo; ++row)
            for (std::int64_t col = -halo; col < cols + halo; ++col) {
                const std::int64_t y = std::clamp<std::int64_t>(row, 0, rows - 1);
                const std::int64_t x = std::clamp<std::int64_t>(col, 0, cols - 1);
                out.push_back(scene[static_cast<std::size_t>((band * rows + y) * cols + x)]);
            }
    return out;
}

TEST(SpectralMambaGolden, EveryWindowGivesItsLogitsAtEveryTarget) {
    if (spectile::test::golden_absent())
        GTEST_SKIP() << "no golden files at " << spectile::test::golden_root();
    const auto files = spectile::test::golden_files("spectralmamba", "model");
    ASSERT_FALSE(files.empty()) << "no model file in " << spectile::test::golden_root();
    test::for_each_target([&] {
        for (const GoldenFile& file : files) {
            SCOPED_TRACE(file.stem());
            const SpectralMambaDense network(test::shape_of(file), test::weights_of(file));
            const auto& x = file.at("input.x");
            const auto& expected = file.at("output.logits");
            const auto batch = static_cast<std::size_t>(x.dim(0));
            std::vector<float> logits(expected.size());
            std::vector<float> scratch;
            for (std::size_t i = 0; i < batch; ++i)
                network.predict(
                    {x.data() + i * x.size() / batch, 1, 1, logits.data() + i * logits.size() / batch}, 0, 1,
                    scratch);
            EXPECT_LE(spectile::test::golden_error(logits, expected), kTolerance);
        }
    });
}

TEST(SpectralMambaGolden, EverySceneGivesItsLogitsAndClassesAtEveryTarget) {
    if (spectile::test::golden_absent())
        GTEST_SKIP() << "no golden files at " << spectile::test::golden_root();
    const auto files = spectile::test::golden_files("spectralmamba", "scene");
    ASSERT_FALSE(files.empty()) << "no scene file in " << spectile::test::golden_root();
    test::for_each_target([&] {
        for (const GoldenFile& file : files) {
            SCOPED_TRACE(file.stem());
            const SpectralMambaShape shape = test::shape_of(file);
            const SpectralMambaDense network(shape, test::weights_of(file));
            const auto& scene = file.at("input.scene");
            const std::int64_t rows = scene.dim(1);
            const std::int64_t cols = scene.dim(2);
            const auto cube = with_border(scene.values, scene.dim(0), rows, cols, shape.halo());
            std::vector<float> logits(file.at("output.logits").size());
            std::vector<float> scratch;
            network.predict({cube.data(), rows, cols, logits.data()}, 0, rows, scratch);
            EXPECT_LE(spectile::test::golden_error(logits, file.at("output.logits")), kTolerance);
            const std::int64_t pixels = rows * cols;
            for (std::int64_t p = 0; p < pixels; ++p) {
                std::int64_t best = 0;
                for (std::int64_t k = 1; k < shape.classes; ++k)
                    if (logits[k * pixels + p] > logits[best * pixels + p]) best = k;
                ASSERT_EQ(best, file.at("output.classes").integers[p]) << "pixel " << p;
            }
        }
    });
}

}  // namespace
}  // namespace spectile::kernels
