#include "mosaic/blend.hpp"

#include <gtest/gtest.h>

namespace spectile::mosaic {
namespace {

Prediction constant(const Window& window, float value) {
    Prediction p;
    p.reset(window, 1);
    std::fill(p.values.begin(), p.values.end(), value);
    std::fill(p.valid.begin(), p.valid.end(), std::uint8_t{1});
    return p;
}

TEST(Feather, WeightsOfNeighboursAddUpToOne) {
    const int halo = 8;
    const std::int64_t core = 40, size = core + 2 * halo;
    for (std::int64_t i = 0; i < 2 * halo; ++i)
        EXPECT_NEAR(feather_weight(core + i, size, halo) + feather_weight(i, size, halo), 1.0F, 1e-6F);
    EXPECT_EQ(feather_weight(size / 2, size, halo), 1.0F);
}

TEST(Blender, TilesThatAgreeGiveTheirValueEverywhere) {
    const TileGrid tiles{50, 37, 20, 20, 4, false, Blend::feather};
    Blender blender(50, 37, 16, 1, 4);
    for (std::int64_t i = 0; i < tiles.count(); ++i)
        blender.add(tiles.tile(i), constant(tiles.tile(i).padded, 0.25F));
    for (std::int64_t row = 0; row < 3; ++row) {
        const Prediction out = blender.take(row);
        for (std::size_t i = 0; i < out.pixels(); ++i) {
            ASSERT_EQ(out.valid[i], 1);
            ASSERT_NEAR(out.values[i], 0.25F, 1e-6F);
        }
    }
}

TEST(Blender, PixelsThatNoTileSpeaksForAreNotValid) {
    const TileGrid tiles{8, 8, 8, 8, 2, false, Blend::feather};
    Blender blender(8, 8, 8, 1, 2);
    Prediction prediction = constant(tiles.tile(0).padded, 1.0F);
    prediction.valid[(3 + 2) * 12 + (4 + 2)] = 0;  // scene pixel (4, 3)
    blender.add(tiles.tile(0), prediction);
    const Prediction out = blender.take(0);
    EXPECT_EQ(out.valid[3 * 8 + 4], 0);
    EXPECT_EQ(out.valid[3 * 8 + 5], 1);
}

TEST(Blender, APartSeesTheSameSumsAsTheWhole) {
    const TileGrid tiles{40, 30, 16, 16, 4, false, Blend::feather};
    const auto value_of = [](const Tile& tile) { return static_cast<float>(tile.index) + 0.1F; };
    Blender whole(40, 30, 8, 1, 4), part(24, 30, 8, 1, 4);
    const auto shifted = [](Window w) {
        w.x -= 16;
        return w;
    };
    tiles.visit_touching({0, 0, 40, 30},
                         [&](const Tile& t) { whole.add(t, constant(t.padded, value_of(t))); });
    tiles.visit_touching({16, 0, 24, 30}, [&](const Tile& t) {
        part.add({t.index, shifted(t.core), shifted(t.padded), shifted(t.keep)},
                 constant(shifted(t.padded), value_of(t)));
    });
    for (std::int64_t row = 0; row < 4; ++row) {
        const Prediction a = whole.take(row), b = part.take(row);
        for (std::int64_t y = 0; y < b.window.height; ++y)
            for (std::int64_t x = 0; x < 24; ++x)
                ASSERT_EQ(a.values[static_cast<std::size_t>(y * 40 + x + 16)],
                          b.values[static_cast<std::size_t>(y * 24 + x)]);
    }
}

}  // namespace
}  // namespace spectile::mosaic
