#include "evaluate/detection.hpp"
#include "golden/mim_istd_case.hpp"

namespace spectile::evaluate {
namespace {

using namespace spectile::test;

Detection measured(const GoldenFile& file, float threshold) {
    const auto& probabilities = file.at("prob");
    const auto& targets = file.at("target");
    const auto images = static_cast<std::size_t>(probabilities.dim(0));
    const std::size_t pixels = probabilities.size() / images;
    Detection sum;
    for (std::size_t image = 0; image < images; ++image) {
        std::vector<std::uint8_t> predicted(pixels), truth(pixels);
        for (std::size_t i = 0; i < pixels; ++i) {
            predicted[i] = probabilities.values[image * pixels + i] > threshold;
            truth[i] = targets.integers[image * pixels + i] != 0;
        }
        sum.add(measure(predicted, truth, probabilities.dim(2)));
    }
    return sum;
}

TEST(MimIstdMetricsGolden, EveryThresholdAgrees) {
    SKIP_WITHOUT_GOLDENS();
    const auto files = mim_files("metrics");
    ASSERT_FALSE(files.empty()) << "no metrics file in " << golden_root() / "mim_istd";
    for (const auto& file : files) {
        const auto& table = file.at("expected.table");
        for (std::int64_t row = 0; row < table.dim(0); ++row) {
            const float* expected = table.data() + row * table.dim(1);
            const auto got = measured(file, expected[0]);
            const auto near = [&](double value, float golden) {
                EXPECT_NEAR(value, golden, 1e-6 * std::abs(golden)) << file.stem() << " at " << expected[0];
            };
            near(got.iou(), expected[1]);
            near(got.niou(), expected[2]);
            EXPECT_EQ(got.matched, std::lround(expected[3]));
            EXPECT_EQ(got.targets, std::lround(expected[4]));
            near(got.pd(), expected[5]);
            EXPECT_EQ(got.false_pixels, std::lround(expected[6]));
            near(got.fa(), expected[7]);
            near(got.legacy_fa(), expected[8]);
        }
    }
}

}  // namespace
}  // namespace spectile::evaluate
