#include "mosaic/blend.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "kernels/device/blend.cuh"
#include "unit/device_kernels/any_order.hpp"

namespace spectile::kernels::device {
namespace {

std::int64_t between(std::int64_t low, std::int64_t high) {
    return *rc::gen::inRange<std::int64_t>(low, high + 1);
}

struct Piece {
    Tile tile;
    Prediction prediction;
};

/// Tiles at random places that overlap each other and reach beyond the mosaic, with holes.
std::vector<Piece> pieces_of(std::int64_t width, std::int64_t height, int channels) {
    std::mt19937 generator(*rc::gen::arbitrary<unsigned>());
    std::normal_distribution<float> normal;
    std::vector<Piece> pieces(static_cast<std::size_t>(between(1, 5)));
    for (auto& [tile, prediction] : pieces) {
        const Window padded{between(-8, width - 1), between(-8, height - 1), between(1, 40), between(1, 40)};
        tile.padded = padded;
        tile.keep = {padded.x + between(0, 3), padded.y + between(0, 3), padded.width, padded.height};
        prediction.reset(padded, channels);
        for (float& value : prediction.values) value = normal(generator);
        for (auto& valid : prediction.valid) valid = generator() % 5 != 0;
    }
    return pieces;
}

/// Every sum, weight-divided, then the mask as 0 and 1: one array to compare.
std::vector<float> on_the_grid(const std::vector<Piece>& pieces, const Window& mosaic, int channels, int halo,
                               Order order) {
    const auto pixels = static_cast<std::size_t>(mosaic.area());
    std::vector<float> sums(pixels * static_cast<std::size_t>(channels)), weights(pixels);
    std::vector<std::uint8_t> valid(pixels, 9);
    for (const auto& [tile, prediction] : pieces) {
        const Window keep = intersect(intersect(tile.keep, prediction.window), mosaic);
        const Window& padded = prediction.window;
        const BlendTile kernel{prediction.values.data(),
                               prediction.valid.data(),
                               channels,
                               halo,
                               {keep.x, keep.y, keep.width, keep.height},
                               {padded.x, padded.y, padded.width, padded.height},
                               mosaic.width,
                               mosaic.height,
                               sums.data(),
                               weights.data()};
        run_on_host(kernel, kernel.blocks(), order);
    }
    const BlendFinish finish{sums.data(), weights.data(), valid.data(), channels, mosaic.area()};
    run_on_host(finish, finish.blocks(), order);
    for (const auto mark : valid) sums.push_back(mark);
    return sums;
}

TEST(DeviceBlend, GivesTheSameBytesAsTheMosaic) {
    EXPECT_TRUE(rc::check("blending on the grid = mosaic::Blender", [] {
        const Window mosaic{0, 0, between(1, 70), between(1, 50)};
        const int channels = static_cast<int>(between(1, 3));
        const int halo = static_cast<int>(between(0, 6));
        const auto pieces = pieces_of(mosaic.width, mosaic.height, channels);
        // One block row as high as the mosaic.
        mosaic::Blender blender(mosaic.width, mosaic.height, static_cast<int>(mosaic.height), channels, halo);
        for (const auto& [tile, prediction] : pieces) blender.add(tile, prediction);
        const Prediction expected = blender.take(0);
        const auto ours = test::same_in_any_order<float>(
            [&](Order order) { return on_the_grid(pieces, mosaic, channels, halo, order); });
        RC_ASSERT(std::equal(expected.values.begin(), expected.values.end(), ours.begin()));
        RC_ASSERT(std::equal(expected.valid.begin(), expected.valid.end(),
                             ours.begin() + static_cast<std::ptrdiff_t>(expected.values.size())));
    }));
}

}  // namespace
}  // namespace spectile::kernels::device
