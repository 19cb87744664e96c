#include "mosaic/block_rows.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cstring>

#include "spectile/plan.hpp"

namespace spectile::mosaic {
namespace {

std::vector<std::byte> bytes_of(std::uint16_t value) {
    std::vector<std::byte> out(2);
    std::memcpy(out.data(), &value, 2);
    return out;
}

TEST(BlockRows, TilesOfAnySizeComeOutAsTheWholeRasterRowByRow) {
    EXPECT_TRUE(rc::check("paste tiles in grid order, take block rows when complete", [] {
        const auto width = *rc::gen::inRange<std::int64_t>(1, 60);
        const auto height = *rc::gen::inRange<std::int64_t>(1, 60);
        const int block = *rc::gen::inRange(1, 20);
        const TileGrid tiles{width, height, *rc::gen::inRange<std::int64_t>(1, 30),
                             *rc::gen::inRange<std::int64_t>(1, 30)};
        const auto value = [&](int band, std::int64_t y, std::int64_t x) {
            return static_cast<std::uint16_t>(band * 10000 + y * 100 + x);
        };
        BlockRows rows(width, height, block, 2, bytes_of(65535));
        BlockRowCounter counter(height, block);
        for (std::int64_t i = 0; i < tiles.count(); ++i)
            counter.expect(tiles.tile(i).core.y, tiles.tile(i).core.height);
        std::int64_t next = 0;
        for (std::int64_t i = 0; i < tiles.count(); ++i) {
            const Window core = tiles.tile(i).core;
            std::vector<std::uint16_t> pixels;
            for (int band = 0; band < 2; ++band)
                for (auto y = core.y; y < core.bottom(); ++y)
                    for (auto x = core.x; x < core.right(); ++x) pixels.push_back(value(band, y, x));
            rows.paste(core, std::as_bytes(std::span(pixels)));
            for (const auto done : counter.arrived(core.y, core.height)) {
                RC_ASSERT(done == next++);
                const auto taken = rows.take(done);
                const auto count = counter.rows_of(done);
                for (int band = 0; band < 2; ++band)
                    for (std::int64_t y = 0; y < count; ++y)
                        for (std::int64_t x = 0; x < width; ++x) {
                            std::uint16_t got;
                            std::memcpy(&got, taken.data() + ((band * count + y) * width + x) * 2, 2);
                            RC_ASSERT(got == value(band, done * block + y, x));
                        }
            }
        }
        RC_ASSERT(next == counter.count());
        RC_ASSERT(rows.bytes() == 0u);
    }));
}

TEST(BlockRows, WhatWasNeverPastedIsNodata) {
    BlockRows rows(3, 2, 2, 1, bytes_of(7));
    const auto taken = rows.take(0);
    ASSERT_EQ(taken.size(), 12u);
    for (std::size_t i = 0; i < 12; i += 2) EXPECT_EQ(std::to_integer<int>(taken[i]), 7);
}

}  // namespace
}  // namespace spectile::mosaic
