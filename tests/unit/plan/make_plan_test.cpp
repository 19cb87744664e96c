#include "plan/make_plan.hpp"

#include <gmock/gmock.h>

#include "plan/recomputed_share.hpp"
#include "spectile/error.hpp"

namespace spectile::plan {
namespace {

using testing::HasSubstr;

PlanInputs inputs(std::int64_t width, std::int64_t height) {
    PlanInputs in;
    in.scene = Grid{width, height, {}};
    in.extent = in.scene.window();
    in.storage = {"scene.tif", "GTiff", Interleave::pixel, 256, 256, true, false};
    in.traits = {.task = Task::classification, .channels = 6, .tile = 256, .halo = 1};
    in.bands_read = in.bands_model = 4;
    in.products = {{1, 1}};
    in.threads = 2;
    return in;
}

TEST(MakePlan, TileSizeFollowsCardAndSceneNeverMemoryOrThreads) {
    PlanInputs in = inputs(3000, 2000);
    const TileGrid first = make_plan(in).tiles;
    in.threads = 8;
    in.memory_bytes = std::uint64_t{400} << 20;
    const TileGrid second = make_plan(in).tiles;
    EXPECT_EQ(first.tile_width, second.tile_width);
    EXPECT_EQ(first.tile_height, second.tile_height);
}

TEST(MakePlan, CompressedStripsAreReadInWideLowTiles) {
    PlanInputs in = inputs(3000, 2000);
    in.storage = {"scene.tif", "GTiff", Interleave::pixel, 3000, 1, true, false};
    const Plan plan = make_plan(in);
    EXPECT_EQ(plan.tiles.tile_width, 3000);
    EXPECT_LT(plan.tiles.tile_height, 64);
}

TEST(MakePlan, RawLinesAreReadInOneGoWhereNothingButReadingTakesTime) {
    PlanInputs in = inputs(3000, 2000);
    in.storage = {"scene.dat", "ENVI", Interleave::band, 3000, 1, false, true};
    EXPECT_EQ(make_plan(in).tiles.tile_width, 256);
    in.traits.halo = 0;
    EXPECT_EQ(make_plan(in).tiles.tile_width, 256);
    in.traits.has_weights = false;
    EXPECT_EQ(make_plan(in).tiles.tile_width, 3000);
    in.storage.interleave = Interleave::pixel;
    EXPECT_EQ(make_plan(in).tiles.tile_width, 256);
}

TEST(MakePlan, SmallerPartsComeBeforeIdleThreads) {
    PlanInputs in = inputs(8192, 8192);
    in.traits = {.task = Task::bands, .tile = 512};
    in.bands_read = in.bands_model = 8;
    in.products = {{8, 4}};
    in.libtorch = false;
    in.memory_bytes = std::uint64_t{256} << 20;
    const Plan plan = make_plan(in);
    EXPECT_GE(plan.tokens, in.threads);
    EXPECT_LT(plan.parts.part_width, 4096);
    EXPECT_GE(plan.parts.part_width, 1024);
}

TEST(MakePlan, BatchesOfADeviceChangeWithMemoryAloneAndStayPowersOfTwo) {
    PlanInputs in = inputs(3000, 2000);
    EXPECT_EQ(make_plan(in).batch, 1);
    EXPECT_EQ(make_plan(in).tokens, 4);
    in.batch = 16;
    for (const int threads : {1, 2, 8, 64}) {
        in.threads = threads;
        EXPECT_EQ(make_plan(in).batch, 16) << threads;
        EXPECT_GE(make_plan(in).tokens, 32) << "one is computed while the next is made ready";
    }
    in.threads = 2;
    const Plan roomy = make_plan(in);
    in.memory_bytes = roomy.bytes_peak - 20 * roomy.bytes_per_token - roomy.gdal_cache_bytes + (16 << 20);
    const Plan tight = make_plan(in);
    EXPECT_EQ(tight.batch, 4) << tight.tokens;
    EXPECT_THAT(tight.notes, testing::Contains(HasSubstr("memory allows batches of 4 tile(s), not 16")));
}

TEST(MakePlan, LibTorchIsCountedWhereItIsLoaded) {
    PlanInputs in = inputs(3000, 2000);
    const auto with = make_plan(in).bytes_fixed;
    in.libtorch = false;
    EXPECT_LT(make_plan(in).bytes_fixed, with);
}

TEST(MakePlan, OddPartSizesAreRoundedUpToBlocksAndSaidSo) {
    PlanInputs in = inputs(3000, 2000);
    in.tiling.part = 1000;
    const Plan plan = make_plan(in);
    EXPECT_EQ(plan.parts.part_width, 1024);
    EXPECT_THAT(plan.notes, testing::Contains(HasSubstr("part 1000 rounded up to 1024")));
}

TEST(MakePlan, ShardsGetAtLeastFourPartsEach) {
    PlanInputs in = inputs(8192, 8192);
    in.shards = 4;
    EXPECT_GE(make_plan(in).parts.count(), 16);
}

TEST(MakePlan, TenMillionTilesCostNoMemory) {
    PlanInputs in = inputs(1'000'000, 1'000'000);
    const Plan plan = make_plan(in);
    EXPECT_GT(plan.tiles.count(), 10'000'000);
    EXPECT_LE(plan.parts.count(), 10'000);
    EXPECT_EQ(plan.tiles.tile(plan.tiles.count() - 1).core.right(), 1'000'000);
}

TEST(MakePlan, RefusesABudgetThatCannotHoldOneTileAndNamesTheNeed) {
    PlanInputs in = inputs(3000, 2000);
    in.memory_bytes = 10 << 20;
    try {
        make_plan(in);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::memory);
        EXPECT_THAT(error.what(), HasSubstr("10 MiB are allowed"));
    }
}

TEST(MakePlan, KeepsItsPeakWithinTheBudget) {
    PlanInputs in = inputs(20000, 20000);
    in.bands_read = in.bands_model = 200;
    for (const std::uint64_t mib : {1024, 1500, 4096}) {
        in.memory_bytes = mib << 20;
        EXPECT_LE(make_plan(in).bytes_peak, in.memory_bytes);
    }
}

TEST(MakePlan, ACubeThatIsWiderBetweenSceneAndModelIsCountedSo) {
    PlanInputs in = inputs(3000, 2000);
    const auto narrow = make_plan(in).bytes_per_token;
    in.bands_widest = 400;
    EXPECT_GT(make_plan(in).bytes_per_token, narrow + 2 * 396 * sizeof(float) * 256 * 256);
}

TEST(MakePlan, RefusesAHaloSmallerThanTheModelNeeds) {
    PlanInputs in = inputs(300, 200);
    in.tiling.halo = 0;
    EXPECT_THROW(make_plan(in), Error);
    in.tiling.force_halo = true;
    EXPECT_EQ(make_plan(in).tiles.halo, 0);
}

TEST(MakePlan, MemoryDoesNotGrowWithTheScenesHeight) {
    const Plan once = make_plan(inputs(6000, 6000));
    const Plan twice = make_plan(inputs(6000, 12000));
    EXPECT_EQ(once.bytes_peak, twice.bytes_peak);
}

TEST(PixelsRead, OfWindowsOfOneSizeAreSoManyWindows) {
    PlanInputs in = inputs(250, 210);
    in.traits.tile = 72;
    in.traits.halo = 12;
    in.traits.fixed_tile = true;
    in.traits.local = false;
    EXPECT_EQ(pixels_read(make_plan(in), false), 4 * 3 * 96 * 96);
    in.extent = {170, 170, 20, 20};  // One core, but its row and column are not the first.
    EXPECT_EQ(pixels_read(make_plan(in), false), 96 * 96);
}

}  // namespace
}  // namespace spectile::plan
