// Means over flipped tiles: a model that leans to one side must not lean any more.
#include "models/flips.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/entries/registry.hpp"

namespace spectile {
namespace {

constexpr std::int64_t kRows = 4, kCols = 5;

/// Two channels over the cube shrunk by one pixel: the neighbour to the right, and four times the one below.
/// It keeps what was valid.
class Leaning final : public Model, public Runner {
public:
    std::unique_ptr<Runner> start() const override { return std::make_unique<Leaning>(); }

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor&) override {
        for (std::size_t i = 0; i < in.size(); ++i)
            if (!in[i].values.empty()) lean(in[i], out[i]);
    }

    int batch(std::int64_t pixels, int most) const override { return pixels == kRows * kCols ? most / 2 : 1; }

private:
    static void lean(const Cube& cube, Prediction& out) {
        const Window core = {cube.window.x + 1, cube.window.y + 1, cube.cols() - 2, cube.rows() - 2};
        out.reset(core, 2);
        for (std::int64_t y = 0; y < core.height; ++y)
            for (std::int64_t x = 0; x < core.width; ++x) {
                const auto at = [&](std::int64_t dy, std::int64_t dx) {
                    return static_cast<std::size_t>((y + 1 + dy) * cube.cols() + x + 1 + dx);
                };
                const auto i = static_cast<std::size_t>(y * core.width + x);
                out.channel(0)[i] = cube.band(0)[at(0, 1)];
                out.channel(1)[i] = 4 * cube.band(1)[at(1, 0)] + (cube.valid[at(1, 0)] ? 0.0F : 1000.0F);
                out.valid[i] = cube.valid[at(0, 0)];
            }
    }
};

Cube squares() {
    Cube cube;
    cube.reset({20, 10, kCols, kRows}, 2);
    for (std::size_t i = 0; i < cube.values.size(); ++i) cube.values[i] = static_cast<float>(i * i);
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    return cube;
}

void one_by_one(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = 0; i < count; ++i) body(i);
}

Prediction mean_of(const Cube& cube) {
    Prediction out;
    over_flips(std::make_unique<Leaning>())->start()->predict({&cube, 1}, {&out, 1}, one_by_one);
    return out;
}

/// What the leaning model says of squares(), as the mean over both sides.
TEST(Flips, GiveTheMeanOverBothSides) {
    const Cube cube = squares();
    const Prediction out = mean_of(cube);
    EXPECT_EQ(out.window, (Window{21, 11, 3, 2}));
    ASSERT_EQ(out.channels, 2);
    for (std::int64_t y = 1; y + 1 < kRows; ++y)
        for (std::int64_t x = 1; x + 1 < kCols; ++x) {
            const auto at = [&](int band, std::int64_t row, std::int64_t col) {
                return cube.band(band)[static_cast<std::size_t>(row * kCols + col)];
            };
            const auto i = static_cast<std::size_t>((y - 1) * 3 + x - 1);
            EXPECT_EQ(out.channel(0)[i], (at(0, y, x - 1) + at(0, y, x + 1)) / 2) << y << " " << x;
            EXPECT_EQ(out.channel(1)[i], 2 * (at(1, y - 1, x) + at(1, y + 1, x))) << y << " " << x;
        }
}

TEST(Flips, TheMaskIsTheTilesOwnAndTheNetworkSeesItFlipped) {
    Cube cube = squares();
    cube.valid[1 * kCols + 2] = 0;
    const Prediction out = mean_of(cube), whole = mean_of(squares());
    EXPECT_THAT(out.valid, testing::ElementsAre(1, 0, 1, 1, 1, 1));
    EXPECT_EQ(out.channel(1)[4], whole.channel(1)[4] + 500) << "the pixel below it, from two of four flips";
    EXPECT_EQ(out.channel(1)[1], whole.channel(1)[1]) << "it is no neighbour of its own";
}

TEST(Flips, OfABatchTileByTileAndPlacesThatNobodyTookStay) {
    const auto model = over_flips(std::make_unique<Leaning>());
    EXPECT_EQ(model->batch(kRows * kCols, 16), 8) << "as many as the model under it wants";
    std::vector<Cube> cubes = {squares(), {}, squares()};
    cubes[2].values[7] = -1000;
    std::vector<Prediction> out(3);
    const auto runner = model->start();
    for (int round = 0; round < 2; ++round) {
        runner->predict(cubes, out, one_by_one);
        for (const std::size_t i : {0u, 2u}) {
            const Prediction alone = mean_of(cubes[i]);
            EXPECT_EQ(out[i].window, alone.window);
            EXPECT_EQ(out[i].values, alone.values) << i;
            EXPECT_EQ(out[i].valid, alone.valid);
        }
        EXPECT_TRUE(out[1].values.empty());
    }
    EXPECT_NE(out[0].values, out[2].values);
}

TEST(Flips, CostFourTimesTheWorkInThePlan) {
    ModelCard card;
    card.file = "m/model.yaml";
    card.architecture = "mim_istd";
    card.task = Task::detection;
    const auto once = traits_of(card);
    card.flips = true;
    const auto flipped = traits_of(card);
    EXPECT_GT(once.flops_per_pixel, 0);
    EXPECT_EQ(flipped.flops_per_pixel, 4 * once.flops_per_pixel);
    EXPECT_EQ(flipped.exps_per_pixel, 4 * once.exps_per_pixel);
    EXPECT_GT(flipped.workspace_bytes_per_pixel, once.workspace_bytes_per_pixel);
}

}  // namespace
}  // namespace spectile
