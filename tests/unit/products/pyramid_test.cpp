#include "products/pyramid.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "products/assemble.hpp"
#include "products_fixture.hpp"

namespace spectile::products {
namespace {

std::size_t bytes_of(const Pyramid& pyramid) {
    std::size_t bytes = 0;
    for (const auto& tile : pyramid.tiles) bytes += tile.uri.size();
    return bytes;
}

struct Pyramids : testing::Test {
    ScratchFolder folder;

    /// 1100 x 700, its upper left quarter not measured, the rest noise of two classes: PNG makes it no
    /// smaller.
    std::string noise() {
        RasterFormat format;
        format.nodata = 0;
        format.colors = {{0, 0, 0, 0}, {255, 0, 0, 255}, {0, 0, 255, 255}};
        format.overviews = OverviewResampling::mode;
        const auto pixel = [](int, std::int64_t row, std::int64_t col) {
            if (row < 350 && col < 550) return std::uint8_t{0};
            return static_cast<std::uint8_t>(1 + (row * 7919 + col * 104729 + row * col) % 7 / 4);
        };
        return assemble(job_of<std::uint8_t>(folder, {1100, 700, {}}, format, 256, 512, pixel, "noise.tif"))
            .partial_path;
    }
};

TEST_F(Pyramids, HaveLevelsDownToTheRastersPixelsAndNoEmptyTiles) {
    const auto pyramid = class_pyramid(noise(), 10'000'000);
    EXPECT_EQ(pyramid.coarsest, 3) << "1100 pixels in tiles of 256";
    EXPECT_EQ(pyramid.finest, 0);
    std::set<std::array<int, 3>> places;
    for (const auto& tile : pyramid.tiles) {
        EXPECT_TRUE(tile.uri.starts_with("data:image/png;base64,"));
        EXPECT_TRUE(places.insert({tile.level, tile.column, tile.row}).second) << "a tile twice";
    }
    EXPECT_TRUE(places.contains({3, 0, 0}));
    EXPECT_TRUE(places.contains({0, 4, 2}));
    EXPECT_FALSE(places.contains({0, 0, 0})) << "nothing is measured there";
}

/// JPEG has no clear pixels; grey ones would be taken for a grey class of the map above.
TEST_F(Pyramids, OfScenesAreClearWhereNothingIsMeasured) {
    const auto pyramid = scene_pyramid({noise(), {1, 1, 1}, {}, {}}, 10'000'000);
    std::map<std::array<int, 3>, std::string> types;
    for (const auto& tile : pyramid.tiles)
        types[{tile.level, tile.column, tile.row}] = tile.uri.substr(0, tile.uri.find(';'));
    EXPECT_FALSE(types.contains({0, 0, 0})) << "nothing is measured there";
    EXPECT_EQ((types[{0, 2, 0}]), "data:image/png") << "measured in part";
    EXPECT_EQ((types[{3, 0, 0}]), "data:image/png") << "measured in part";
    EXPECT_EQ((types[{0, 4, 2}]), "data:image/jpeg") << "measured everywhere";
}

TEST_F(Pyramids, StayWithinTheirBytes) {
    const auto path = noise();
    const auto whole = class_pyramid(path, 10'000'000);
    const std::size_t limit = bytes_of(whole) / 2;
    const auto limited = class_pyramid(path, limit);
    EXPECT_LE(bytes_of(limited), limit);
    EXPECT_GT(limited.finest, whole.finest);
    EXPECT_EQ(limited.tiles.front().level, whole.coarsest) << "the coarsest level is always there";
    EXPECT_EQ(class_pyramid(path, 0).finest, whole.coarsest);
}

}  // namespace
}  // namespace spectile::products
