#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A simulated scene, an identity model, and pipelines around them.
class Identity : public testing::Test {
protected:
    Identity() {
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        const auto outcome = run({built("examples/simulate_scene"), folder / "scene", "--size", "150x130"});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
    }
    std::string pipeline(const std::string& scene, const std::string& out, const std::string& more = "") {
        return folder.write("p.yaml", "spectile: 1\nscene: {path: " + scene +
                                          "}\nmodel: identity\nproducts:\n  bands: {path: " + out + more +
                                          "}\n");
    }
    /// Three bands of the scene in another format.
    std::string three_bands(const std::string& name, std::vector<std::string> options) {
        options.insert(options.begin(), {"gdal_translate", "-q", "-b", "20", "-b", "40", "-b", "90"});
        options.insert(options.end(), {folder / "scene.dat", folder / name});
        gdal(options);
        return name;
    }
    void expect_same_raster(const std::string& scene, const std::string& product) {
        auto before = gdalinfo(folder / scene, true), after = gdalinfo(folder / product, true);
        EXPECT_EQ(before["size"], after["size"]);
        EXPECT_EQ(before["geoTransform"], after["geoTransform"]);
        // GeoTIFF spells a CRS by its code and names it; as a definition it is the same.
        EXPECT_EQ(crs(folder / scene), crs(folder / product));
        ASSERT_EQ(before["bands"].size(), after["bands"].size());
        for (std::size_t band = 0; band < before["bands"].size(); ++band) {
            for (const char* key : {"checksum", "type", "noDataValue"})
                EXPECT_EQ(before["bands"][band][key], after["bands"][band][key])
                    << key << " of band " << band + 1;
        }
    }
    const Folder folder;
};

TEST_F(Identity, GivesBackTiledGeoTiff) {
    three_bands("in.tif", {"-co", "TILED=YES", "-co", "BLOCKXSIZE=64", "-co", "BLOCKYSIZE=64", "-co",
                           "COMPRESS=DEFLATE"});
    const auto outcome = run_spectile({"run", pipeline("in.tif", "out.tif")});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_same_raster("in.tif", "out.tif");
}

TEST_F(Identity, GivesBackEveryInterleaveOfEnvi) {
    for (const char* interleave : {"BSQ", "BIL", "BIP"}) {
        three_bands("in.img", {"-of", "ENVI", "-co", std::string("INTERLEAVE=") + interleave});
        const auto outcome = run_spectile({"run", pipeline("in.img", std::string(interleave) + ".tif")});
        ASSERT_EQ(outcome.status, 0) << interleave << ": " << outcome.err;
        expect_same_raster("in.img", std::string(interleave) + ".tif");
    }
}

TEST_F(Identity, GivesBackBytesAndFloats) {
    for (const char* type : {"Byte", "UInt16", "Float32"}) {
        three_bands("in.tif", {"-ot", type, "-scale", "0", "5000", "0", "250", "-a_nodata", "0"});
        const auto outcome = run_spectile({"run", pipeline("in.tif", std::string(type) + ".tif")});
        ASSERT_EQ(outcome.status, 0) << type << ": " << outcome.err;
        expect_same_raster("in.tif", std::string(type) + ".tif");
    }
}

TEST_F(Identity, ChosenBandsAndWindowEqualGdalTranslate) {
    gdal({"gdal_translate", "-q", "-b", "60", "-b", "10", "-srcwin", "30", "20", "70", "64",
          folder / "scene.dat", folder / "expected.tif"});
    const auto outcome = run_spectile(
        {"run", pipeline("scene.dat", "out.tif"), "-b", "60", "-b", "10", "--window", "30,20,70,64"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_same_raster("expected.tif", "out.tif");
}

TEST_F(Identity, TilesPartsAndThreadsChangeNoByte) {
    three_bands("in.tif", {});
    ASSERT_EQ(run_spectile({"run", pipeline("in.tif", "one.tif"), "--threads", "1"}).status, 0);
    ASSERT_EQ(
        run_spectile({"run", pipeline("in.tif", "two.tif"), "--threads", "2", "--set", "tiling.part=512"})
            .status,
        0);
    EXPECT_EQ(text_of(folder / "one.tif"), text_of(folder / "two.tif"));
}

TEST_F(Identity, SecondRunEndsAtOnceAndAnotherRecipeIsRefused) {
    three_bands("in.tif", {});
    const auto definition = pipeline("in.tif", "out.tif");
    ASSERT_EQ(run_spectile({"run", definition}).status, 0);
    const auto bytes = text_of(folder / "out.tif");
    const auto again = run_spectile({"run", definition, "--json"});
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(nlohmann::json::parse(again.out)["already_done"], true);
    const auto other = run_spectile({"run", definition, "-b", "2"});
    EXPECT_EQ(other.status, 73) << other.err;
    EXPECT_EQ(text_of(folder / "out.tif"), bytes);
    EXPECT_EQ(run_spectile({"run", definition, "-b", "2", "--overwrite"}).status, 0);
    EXPECT_EQ(gdalinfo(folder / "out.tif")["bands"].size(), 1u);
}

TEST_F(Identity, NothingIsLeftBesideTheProduct) {
    three_bands("in.tif", {});
    ASSERT_EQ(run_spectile({"run", pipeline("in.tif", "out.tif")}).status, 0);
    for (const auto& name : folder.names()) {
        EXPECT_THAT(name, Not(HasSubstr("partial")));
        EXPECT_THAT(name, Not(testing::EndsWith(".spectile")));
    }
}

TEST_F(Identity, MissingSceneIsMissingInput) {
    const auto outcome = run_spectile({"run", pipeline("nowhere.tif", "out.tif")});
    EXPECT_EQ(outcome.status, 66) << outcome.err;
    EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr("nowhere.tif")));
    EXPECT_FALSE(std::filesystem::exists(folder / "out.tif"));
}

TEST_F(Identity, CutRawFileIsBadDataAndGivesNoProduct) {
    std::filesystem::resize_file(folder / "scene.dat", 1000001);
    const auto outcome = run_spectile({"run", pipeline("scene.dat", "out.tif")});
    EXPECT_EQ(outcome.status, 65) << outcome.err;
    EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr("scene.dat")));
    EXPECT_FALSE(std::filesystem::exists(folder / "out.tif"));
}

TEST_F(Identity, TypesThatFloatDoesNotHoldAreRefusedByName) {
    three_bands("in.tif", {"-ot", "Int32"});
    const auto outcome = run_spectile({"run", pipeline("in.tif", "out.tif")});
    EXPECT_EQ(outcome.status, 65) << outcome.err;
    EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr("Int32")));
    EXPECT_EQ(run_spectile({"run", pipeline("in.tif", "out.tif"), "--lossy"}).status, 0);
    EXPECT_EQ(checksums(folder / "in.tif"), checksums(folder / "out.tif"));
}

TEST_F(Identity, BudgetTooSmallIsRefusedBeforeWork) {
    three_bands("in.tif", {});
    const auto outcome = run_spectile({"run", pipeline("in.tif", "out.tif"), "--memory", "1MiB"});
    EXPECT_EQ(outcome.status, 71) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "out.tif"));
}

TEST_F(Identity, JsonReportNamesTheProduct) {
    three_bands("in.tif", {});
    const auto outcome = run_spectile({"run", pipeline("in.tif", "out.tif"), "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto report = nlohmann::json::parse(outcome.out);
    EXPECT_THAT(report["products"].get<std::vector<std::string>>(), Contains(folder / "out.tif"));
    EXPECT_GT(report["pixels_valid"].get<int>(), 10000);
}

TEST_F(Identity, ShardsAndMergeGiveTheBytesOfOneRun) {
    three_bands("in.tif", {});
    ASSERT_EQ(run_spectile({"run", pipeline("in.tif", "whole.tif")}).status, 0);
    const auto definition = pipeline("in.tif", "merged.tif");
    const auto work = folder / "work";
    const auto early = run_spectile({"merge", definition, "--work", work});
    EXPECT_EQ(early.status, 75) << early.err;
    for (const char* shard : {"2/2", "1/2"})
        ASSERT_EQ(run_spectile({"run", definition, "--work", work, "--shard", shard}).status, 0) << shard;
    EXPECT_FALSE(std::filesystem::exists(folder / "merged.tif"));
    const auto merge = run_spectile({"merge", definition, "--work", work});
    ASSERT_EQ(merge.status, 0) << merge.err;
    EXPECT_EQ(text_of(folder / "whole.tif"), text_of(folder / "merged.tif"));
}

}  // namespace
}  // namespace spectile::test
