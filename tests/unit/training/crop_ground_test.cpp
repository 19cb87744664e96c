#include "training/crop_ground.hpp"

#include <gtest/gtest.h>

#include <set>

namespace spectile::training {
namespace {

/// A scene whose first band holds x and whose second holds y; every third pixel is labelled.
Dataset numbered(std::int64_t width, std::int64_t height) {
    Dataset data;
    data.bands = 2;
    data.classes = {{1, "a", {}}, {2, "b", {}}};
    PreparedScene scene{.size = {width, height}, .bands = 2, .radius = 0, .values = {}};
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
            scene.values.push_back(static_cast<float>(x));
            scene.values.push_back(static_cast<float>(y));
            if ((x + y) % 3 == 0) data.samples.push_back({0, x, y, static_cast<int>(x % 2), Role::training});
        }
    data.scenes.push_back(std::move(scene));
    return data;
}

SplitDefinition tiles_of(Dataset& data, int tile, std::vector<int> test) {
    SplitDefinition split;
    split.tile = tile;
    split.test = std::move(test);
    std::vector<std::string> warnings;
    assign_roles(split, data.ground(), 1, data.samples, warnings);
    return split;
}

TEST(CropGround, CropsLieOnTrainingSquaresAndReachEveryPlaceThere) {
    auto data = numbered(40, 20);
    const auto split = tiles_of(data, 20, {1});
    const CropGround ground(data, split, 8);
    EXPECT_EQ(ground.supply().outside, 0U);
    EXPECT_EQ(ground.supply().inside, data.with_role(Role::training).size());
    EXPECT_EQ(ground.supply().ground, 400U);
    std::set<std::pair<std::int64_t, std::int64_t>> seen;
    const auto training = data.with_role(Role::training);
    for (std::uint64_t i = 0; i < 4000; ++i) {
        Random random(i, Purpose::augmentation, {});
        const auto sample = training[random.below(training.size())];
        const auto place = ground.draw(sample, random);
        ASSERT_TRUE(place.clean);
        ASSERT_GE(place.x, 0);
        ASSERT_LE(place.x + 8, 20) << "nothing of the test square is seen";
        ASSERT_GE(place.y, 0);
        ASSERT_LE(place.y + 8, 20);
        const auto& s = data.samples[sample];
        ASSERT_TRUE(s.x >= place.x && s.x < place.x + 8 && s.y >= place.y && s.y < place.y + 8);
        seen.insert({place.x, place.y});
    }
    EXPECT_EQ(seen.size(), 13U * 13U);
}

TEST(CropGround, HeldBackPixelsAreNeverLearntFrom) {
    auto data = numbered(40, 20);
    const auto split = tiles_of(data, 10, {1, 3, 4, 6});
    const CropGround ground(data, split, 16);  // Larger than a square: surroundings are seen.
    EXPECT_GT(ground.supply().outside, 0U);
    std::vector<float> values(2 * 16 * 16), labels(16 * 16);
    for (std::uint64_t i = 0; i < 200; ++i) {
        Random random(i, Purpose::augmentation, {});
        const auto training = data.with_role(Role::training);
        ground.cut(ground.draw(training[random.below(training.size())], random), values, labels);
        for (std::size_t p = 0; p < labels.size(); ++p) {
            const auto x = static_cast<std::int64_t>(values[p]),
                       y = static_cast<std::int64_t>(values[256 + p]);
            const bool test = std::set<std::int64_t>{1, 3, 4, 6}.count(y / 10 * 4 + x / 10) != 0;
            const float expected = test || (x + y) % 3 != 0 ? 255.0F : static_cast<float>(x % 2);
            ASSERT_EQ(labels[p], expected) << x << ' ' << y;
        }
    }
}

TEST(CropGround, SmallScenesAreRepeatedAtTheirEdgesWithoutLabels) {
    auto data = numbered(12, 40);
    SplitDefinition split;
    const CropGround ground(data, split, 16);
    Random random(3, Purpose::augmentation, {});
    const auto place = ground.draw(5, random);
    EXPECT_EQ(place.x, -2);
    std::vector<float> values(2 * 16 * 16), labels(16 * 16);
    ground.cut(place, values, labels);
    EXPECT_EQ(values[0], 0);
    EXPECT_EQ(values[15], 11);
    for (int row = 0; row < 16; ++row)
        for (const int col : {0, 1, 14, 15}) EXPECT_EQ(labels[static_cast<std::size_t>(row * 16 + col)], 255);
}

TEST(CropGround, SinglePixelsAreHeldBackWhereTheyAreDrawn) {
    auto data = numbered(30, 30);
    SplitDefinition split;
    split.by = "random";
    split.test_share = 0.001;
    for (auto& sample : data.samples)
        if (sample.x == 15 && sample.y == 15) sample.role = Role::test;
    const CropGround ground(data, split, 8);
    EXPECT_EQ(ground.supply().ground, 899U);
    EXPECT_EQ(ground.supply().outside, 0U) << "every other pixel has a crop beside that one";
}

}  // namespace
}  // namespace spectile::training
