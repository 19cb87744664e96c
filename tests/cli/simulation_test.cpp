#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;

TEST(SimulatedScene, IsTheSameEveryTimeAndInEveryInterleave) {
    const Folder folder;
    for (const char* interleave : {"bsq", "bil", "bip"}) {
        const auto outcome = run({built("examples/simulate_scene"), folder / interleave, "--size", "64x40",
                                  "--interleave", interleave});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    const auto first = checksums(folder / "bsq.dat");
    EXPECT_EQ(first.size(), 224u);
    EXPECT_EQ(first, checksums(folder / "bil.dat"));
    EXPECT_EQ(first, checksums(folder / "bip.dat"));
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "again", "--size", "64x40"}).status, 0);
    EXPECT_EQ(text_of(folder / "bsq.dat"), text_of(folder / "again.dat"));
    ASSERT_EQ(
        run({built("examples/simulate_scene"), folder / "other", "--size", "64x40", "--seed", "2"}).status,
        0);
    EXPECT_NE(text_of(folder / "bsq.dat"), text_of(folder / "other.dat"));
}

TEST(SimulatedScene, TruthLiesOnItsGridAndNamesItsClasses) {
    const Folder folder;
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "s", "--size", "200x200"}).status, 0);
    auto scene = gdalinfo(folder / "s.dat"), truth = gdalinfo(folder / "s_truth.dat");
    EXPECT_EQ(scene["geoTransform"], truth["geoTransform"]);
    EXPECT_EQ(scene["coordinateSystem"]["wkt"], truth["coordinateSystem"]["wkt"]);
    EXPECT_EQ(scene["bands"][0]["noDataValue"], -32768.0);
    EXPECT_EQ(truth["bands"][0]["noDataValue"], 0.0);
    EXPECT_THAT(run({"gdalinfo", folder / "s_truth.dat"}).out, HasSubstr("6: water"));
    EXPECT_THAT(run({"gdalinfo", "-mdd", "all", folder / "s.dat"}).out,
                HasSubstr("wavelength_units=Nanometers"));
}

TEST(SimulatedScene, WrongArgumentsAreRefused) {
    EXPECT_EQ(run({built("examples/simulate_scene")}).status, 64);
    EXPECT_EQ(run({built("examples/simulate_scene"), "a", "--size", "large"}).status, 64);
    EXPECT_EQ(run({built("examples/simulate_scene"), "/no/such/folder/a"}).status, 73);
    EXPECT_EQ(run({built("examples/simulate_scene"), "a", "--spectra", "/no/such.csv"}).status, 66);
}

}  // namespace
}  // namespace spectile::test
