// Products in an object store: made here, uploaded last.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/object_store.hpp"
#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Upload : public testing::Test {
protected:
    void SetUp() override {
        if (!store.runs()) GTEST_SKIP() << "no python3 to run tests/support/object_store.py";
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "130x90"}).status, 0);
        gdal({"gdal_translate", "-q", "-b", "20", folder / "scene.dat", folder / "in.tif"});
        definition = folder.write("p.yaml",
                                  "spectile: 1\nscene: {path: in.tif}\nmodel: identity\nproducts:\n"
                                  "  bands: {path: '/vsis3/maps/run 1/{stem}.tif'}\n"
                                  "  provenance: /vsis3/maps/run 1/all.json\n");
    }
    Outcome start(std::vector<std::string> more = {}, const std::string& verb = "run") const {
        more.insert(more.begin(), {verb, definition, "--work", folder / "work"});
        return run_spectile(more);
    }
    bool staged() const { return fs::exists(folder / "work.upload"); }
    const Folder folder;
    const ObjectStore store{folder};
    const std::string object = store.file("maps/run 1/in.tif");
    std::string definition;
};

TEST_F(Upload, StylesComeWithClassMaps) {
    const auto pipeline = folder.write(
        "map.yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " SPECTILE_SOURCE_DIR
                    "/models/enmap-landcover\nproducts: {class_map: {path: /vsis3/maps/c/map.tif}}\n");
    const auto outcome = run_spectile({"run", pipeline, "--work", folder / "work"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(text_of(store.file("maps/c/map.qml")), HasSubstr("paletted"));
    EXPECT_FALSE(staged()) << "nothing stays here";
}

TEST_F(Upload, WholeProductsWithRecordLast) {
    const auto outcome = start({"--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("/vsis3/maps/run 1/in.tif"));
    EXPECT_EQ(checksums(object), checksums(folder / "in.tif"));
    for (const char* beside : {".spectile.json", ".provenance.json"})
        EXPECT_TRUE(fs::exists(object + beside)) << beside;
    EXPECT_TRUE(fs::exists(store.file("maps/run 1/all.json")));
    EXPECT_EQ(run_spectile({"verify", object}).status, 0);
    EXPECT_FALSE(staged()) << "nothing stays here";
    const std::string asked = store.requests();
    EXPECT_LT(asked.find("PUT /maps/run%201/in.tif"), asked.find("PUT /maps/run%201/in.tif.spectile.json"));
}

TEST_F(Upload, DoneIsDoneAndAnotherRecipeIsRefused) {
    ASSERT_EQ(start().status, 0);
    const auto writes = [&] {
        const std::string text = store.requests();
        std::size_t count = 0;
        for (auto at = text.find("PUT "); at != std::string::npos; at = text.find("PUT ", at + 1)) ++count;
        return count;
    };
    const auto before = writes();
    EXPECT_EQ(before, 4u);
    const auto again = start();
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(writes(), before);
    EXPECT_FALSE(staged());
    const auto other = start({"--set", "products.bands.options=[COMPRESS=LZW]"});
    EXPECT_EQ(other.status, 73) << other.err;
    EXPECT_THAT(other.err, HasSubstr("another recipe"));
    EXPECT_EQ(start({"--set", "products.bands.options=[COMPRESS=LZW]", "--overwrite"}).status, 0);
    EXPECT_EQ(writes(), 2 * before);
}

TEST_F(Upload, WhatFailedIsUploadedByTheNextRunWithoutInferring) {
    store.refuse(true);
    const auto failed = start();
    EXPECT_EQ(failed.status, 74) << failed.err;
    ASSERT_EQ(failed.messages().size(), 1u) << failed.err;
    EXPECT_THAT(failed.messages().front(), HasSubstr("cannot be uploaded"));
    EXPECT_THAT(failed.messages().front(), HasSubstr("when the same command is run again"));
    EXPECT_FALSE(fs::exists(object));
    EXPECT_TRUE(staged());
    store.refuse(false);
    const auto again = start({"--json"});
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(nlohmann::json::parse(again.out).value("parts", -1), 0) << again.out;
    EXPECT_EQ(checksums(object), checksums(folder / "in.tif"));
    EXPECT_FALSE(staged());
}

TEST_F(Upload, ShardsComputeAndTheMergeUploads) {
    for (const char* shard : {"1/2", "2/2"}) ASSERT_EQ(start({"--shard", shard}).status, 0);
    EXPECT_THAT(store.requests(), Not(HasSubstr("PUT")));
    const auto merged = start({}, "merge");
    ASSERT_EQ(merged.status, 0) << merged.err;
    EXPECT_EQ(checksums(object), checksums(folder / "in.tif"));
}

TEST_F(Upload, OtherVirtualPlacesAndMosaicsAreRefused) {
    const auto zip = start({"--set", "products.bands.path=/vsizip/a.zip/{stem}.tif"});
    EXPECT_EQ(zip.status, 78);
    EXPECT_THAT(zip.err, HasSubstr("products are written to local files, /vsis3/"));
    const auto mosaic = start({"--set", "mosaic.bands=all.tif"});
    EXPECT_EQ(mosaic.status, 78);
    EXPECT_THAT(mosaic.err, HasSubstr("a mosaic is made of products that stay here"));
}

TEST_F(Upload, ScenesAreReadOverHttpAndFromTheStore) {
    fs::create_directories(store.file("maps"));
    fs::copy(folder / "in.tif", store.file("maps/in.tif"));
    for (const auto& [scene, out] : {std::pair{"/vsicurl/" + store.url() + "/maps/in.tif", "http.tif"},
                                     {std::string("/vsis3/maps/in.tif"), "s3.tif"}}) {
        const auto outcome = run_spectile({"run", definition, "--set", "scene.path=" + scene, "--set",
                                           "products.bands.path=" + (folder / out), "--set",
                                           "products.provenance=" + (folder / (std::string(out) + ".json"))});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(checksums(folder / out), checksums(folder / "in.tif")) << scene;
    }
    const auto gone = run_spectile({"run", definition, "--set", "scene.path=/vsis3/maps/none.tif", "--set",
                                    "products.bands.path=" + (folder / "none.tif")});
    EXPECT_EQ(gone.status, 66) << gone.err;
}

}  // namespace
}  // namespace spectile::test
