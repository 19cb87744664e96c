// STAC items as users get them: beside the products of a run, of models, and model folders made of items.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"
#include "core/checksum.hpp"
#include "support/stac_schemas.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kModel = SPECTILE_SOURCE_DIR "/models/enmap-landcover";

class Stac : public testing::Test {
protected:
    void simulate(const std::string& size) {
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", size}).status, 0);
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    }
    std::string pipeline(const std::string& rest) const {
        return folder.write("p.yaml", "spectile: 1\n" + rest);
    }
    json item(const std::string& name) const { return json::parse(text_of(folder / name)); }
    void expect_valid(const json& item) const {
        EXPECT_EQ(stac_faults_by_hand(item), "");
        if (has_stac_schemas()) {
            EXPECT_EQ(stac_faults(item), "");
        }
    }
    /// Every file with a sum has that size and sum, and lies where the href says.
    void expect_files(const json& item, const std::string& beside, std::size_t summed) const {
        std::size_t seen = 0;
        for (const auto& asset : item.at("assets")) {
            const auto path = fs::path(beside) / asset.at("href").get<std::string>();
            ASSERT_TRUE(fs::exists(path)) << path;
            if (!asset.contains("file:checksum")) continue;
            ++seen;
            EXPECT_EQ(asset["file:size"], fs::file_size(path));
            EXPECT_EQ(asset["file:checksum"], "1220" + sha256_of_file(path.string()));
        }
        EXPECT_EQ(seen, summed);
    }
    const Folder folder;
};

TEST_F(Stac, AMapHasAnItemWithClassesPlaceAndSums) {
    if (!fs::exists(kModel + "/model.yaml")) GTEST_SKIP() << "no model in " << kModel;
    simulate("120x110");
    const auto definition =
        pipeline("scene: scene.dat\nmodel: " + kModel +
                 "\nproducts: {class_map: out/map.tif, stac: {path: items/map.json, datetime: "
                 "2020-07-01T12:20:30+02:00}, report: out/map.html}\n");
    const auto outcome = run_spectile({"run", definition});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.err, testing::Not(HasSubstr("acquisition time")));
    const auto made = item("items/map.json");
    expect_valid(made);
    expect_files(made, folder / "items", 1);
    EXPECT_EQ(made["id"], "scene-enmap-landcover");
    EXPECT_EQ(made["properties"]["datetime"], "2020-07-01T10:20:30Z");
    EXPECT_EQ(made["properties"]["proj:code"], "EPSG:32633");
    EXPECT_EQ(made["properties"]["proj:shape"], json({110, 120}));
    EXPECT_EQ(made["assets"]["class_map"]["href"], "../out/map.tif");
    EXPECT_EQ(made["assets"]["class_map"]["classification:classes"].size(), 7u);
    // The corners, as GDAL itself gives them.
    auto corners = gdalinfo(folder / "out/map.tif")["wgs84Extent"]["coordinates"][0];
    EXPECT_NEAR(made["bbox"][3].get<double>(), corners[3][1].get<double>(), 1e-6);
    EXPECT_NEAR(made["bbox"][1].get<double>(), corners[1][1].get<double>(), 1e-6);
    EXPECT_EQ(run_spectile({"verify", folder / "out/map.tif"}).status, 0);
}

TEST_F(Stac, ShardsAndThreadsChangeNoByte) {
    simulate("1100x600");
    const std::string rest =
        "scene: {path: scene.dat, bands: [20, 40]}\nmodel: identity\ntiling: {part: 512}\n";
    const std::string products = "products: {bands: out/b.tif, stac: out/b.json}\n";
    const auto definition = pipeline(rest + products);
    ASSERT_EQ(run_spectile({"run", definition, "--threads", "1"}).status, 0);
    const auto whole = text_of(folder / "out/b.json");
    expect_valid(json::parse(whole));
    EXPECT_EQ(json::parse(whole)["assets"]["bands"]["bands"].size(), 2u);
    EXPECT_TRUE(json::parse(whole)["assets"]["bands"]["bands"][0].contains("eo:center_wavelength"));
    fs::remove_all(folder / "out");
    for (const char* shard : {"1/2", "2/2"}) {
        const auto outcome = run_spectile({"run", definition, "--shard", shard, "--threads", "2"});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    ASSERT_FALSE(fs::exists(folder / "out/b.json"));
    const auto merged = run_spectile({"merge", definition});
    ASSERT_EQ(merged.status, 0) << merged.err;
    EXPECT_EQ(text_of(folder / "out/b.json"), whole);
}

TEST_F(Stac, SeveralScenesHaveAnItemEachAndOneWithoutACrsSaysSo) {
    simulate("60x50");
    fs::create_directories(folder / "in");
    gdal({"gdal_translate", "-q", "-b", "20", folder / "scene.dat", folder / "in/there.tif"});
    gdal({"gdal_translate", "-q", "-b", "20", "-co", "PROFILE=BASELINE", folder / "scene.dat",
          folder / "in/lost.tif"});
    fs::remove(folder / "in/lost.tif.aux.xml");
    const auto outcome = run_spectile({"run", pipeline("scenes: in/*.tif\nmodel: identity\nproducts: {bands: "
                                                       "'out/{stem}.tif', stac: 'out/{stem}.json'}\n")});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("lost.tif: has no place on the earth"));
    EXPECT_THAT(outcome.err, testing::Not(HasSubstr("there.tif: has no place")));
    EXPECT_THAT(outcome.err, HasSubstr("there.tif: says no acquisition time"));
    const auto lost = item("out/lost.json"), there = item("out/there.json");
    for (const auto& one : {lost, there}) {
        expect_valid(one);
        expect_files(one, folder / "out", 1);
    }
    EXPECT_TRUE(lost["geometry"].is_null());
    EXPECT_EQ(there["geometry"]["type"], "Polygon");
}

TEST_F(Stac, AMosaicOverScenesHasAnItemThatLinksThem) {
    simulate("60x50");
    fs::create_directories(folder / "in");
    for (const auto& [name, left] : {std::pair{"in/west.tif", "0"}, std::pair{"in/east.tif", "30"}})
        gdal({"gdal_translate", "-q", "-b", "20", "-srcwin", left, "0", "30", "50", folder / "scene.dat",
              folder / name});
    const std::string rest =
        "scenes: in/*.tif\nmodel: identity\nproducts: {bands: 'out/{stem}.tif', stac: {path: "
        "'out/{stem}.json', datetime: 2020-07-01/2020-07-02}}\n";
    const auto definition = pipeline(rest + "mosaic: {bands: out/all.tif, stac: items/all.json}\n");
    const auto outcome = run_spectile({"run", definition});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto made = item("items/all.json");
    expect_valid(made);
    expect_files(made, folder / "items", 1);
    EXPECT_EQ(made["properties"]["start_datetime"], "2020-07-01T00:00:00Z");
    EXPECT_EQ(made["properties"]["end_datetime"], "2020-07-02T23:59:59Z");
    EXPECT_THAT(made["properties"]["title"].get<std::string>(), HasSubstr("of 2 scenes"));
    EXPECT_EQ(made["properties"]["proj:shape"], json({50, 60})) << "of both scenes together";
    EXPECT_EQ(made["assets"]["bands"]["bands"].size(), 1U);
    ASSERT_EQ(made["links"].size(), 2U);
    for (const auto& link : made["links"]) {
        const auto href = link["href"].get<std::string>();
        EXPECT_TRUE(fs::exists(folder / "items/" + href)) << href;
    }
    auto corners = gdalinfo(folder / "out/all.tif")["wgs84Extent"]["coordinates"][0];
    EXPECT_NEAR(made["bbox"][3].get<double>(), corners[3][1].get<double>(), 1e-6);

    fs::remove(folder / "items/all.json");
    ASSERT_EQ(run_spectile({"run", definition}).status, 0);
    EXPECT_EQ(item("items/all.json"), made) << "the mosaic stays, its item is written again";
    const auto table =
        run_spectile({"run", pipeline(rest + "mosaic: {bands: out/all.gpkg, stac: items/all.json}\n")});
    EXPECT_EQ(table.status, 78);
    EXPECT_THAT(table.messages(), ElementsAre(HasSubstr("mosaic.stac: an item lies where its raster does")));
}

TEST_F(Stac, BadKeysAreRefusedBeforeAnythingIsComputed) {
    simulate("60x50");
    for (const auto& [keys, words] :
         {std::pair<std::string, std::string>{"datetime: yesterday", "'yesterday' is no time"},
          {"date_time: '2020-07-01'", "did you mean 'datetime'?"}}) {
        const auto outcome =
            run_spectile({"run", pipeline("scene: {path: scene.dat, bands: [20]}\nmodel: identity\n"
                                          "products: {bands: out/b.tif, stac: {path: out/b.json, " +
                                          keys + "}}\n")});
        EXPECT_EQ(outcome.status, 78) << outcome.err;
        EXPECT_THAT(outcome.messages(), ElementsAre(AllOf(HasSubstr("products.stac"), HasSubstr(words))));
        EXPECT_FALSE(fs::exists(folder / "out"));
    }
}

TEST_F(Stac, AnItemThatSaysSomethingElseIsWrittenAnewAndTheProductsStay) {
    simulate("60x50");
    const auto run_at = [&](const std::string& time) {
        return run_spectile(
            {"run", pipeline("scene: {path: scene.dat, bands: [20]}\nmodel: identity\nproducts: "
                             "{bands: b.tif, stac: {path: b.json, datetime: " +
                             time + "}}\n")});
    };
    ASSERT_EQ(run_at("2020-07-01T10:00:00Z").status, 0);
    const auto made = fs::last_write_time(folder / "b.tif");
    const auto same = run_at("2020-07-01T10:00:00Z");
    EXPECT_THAT(same.err, testing::Not(HasSubstr("written anew")));
    const auto again = run_at("2021-07-01T10:00:00Z");
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_THAT(again.err, HasSubstr("b.json: written anew"));
    EXPECT_EQ(item("b.json")["properties"]["datetime"], "2021-07-01T10:00:00Z");
    expect_valid(item("b.json"));
    expect_files(item("b.json"), folder / "", 1);
    EXPECT_EQ(fs::last_write_time(folder / "b.tif"), made);
}

TEST_F(Stac, AModelGoesOutAsAnItemAndComesBackTheSame) {
    if (!fs::exists(kModel + "/model.yaml")) GTEST_SKIP() << "no model in " << kModel;
    const auto outcome = run_spectile({"info", kModel, "--stac", folder / "model.json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto made = item("model.json");
    expect_valid(made);
    expect_files(made, folder / ".", 3);
    EXPECT_EQ(made["properties"]["mlm:total_parameters"], 10470);
    const auto back = run_spectile({"convert", folder / "model.json", "-o", folder / "back"});
    ASSERT_EQ(back.status, 0) << back.err;
    const auto card = [](const std::string& model) { return run_spectile({"info", model, "--json"}).out; };
    EXPECT_EQ(json::parse(card(folder / "back")), json::parse(card(kModel)));
    EXPECT_EQ(text_of(folder / "back/weights.safetensors"), text_of(kModel + "/weights.safetensors"));
    // The item of the copy is linked to by the products that the copy makes.
    ASSERT_EQ(run_spectile({"info", folder / "back", "--stac", folder / "back/model.stac.json"}).status, 0);
    simulate("40x30");
    const auto definition =
        pipeline("scene: scene.dat\nmodel: back\nproducts: {class_map: map.tif, stac: map.json}\n");
    ASSERT_EQ(run_spectile({"run", definition}).status, 0);
    expect_valid(item("map.json"));
    EXPECT_EQ(item("map.json")["links"][0]["href"], "./back/model.stac.json");
}

TEST_F(Stac, ImportRefusesWhatItCannotHave) {
    folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    ASSERT_EQ(run_spectile({"info", folder / "identity", "--stac", folder / "i.json"}).status, 0);
    auto made = item("i.json");
    expect_valid(made);
    EXPECT_EQ(run_spectile({"convert", folder / "i.json", "-o", folder / "copy"}).status, 0);
    EXPECT_EQ(run_spectile({"convert", folder / "i.json", "-o", folder / "copy"}).status, 73);
    EXPECT_EQ(
        run_spectile({"convert", folder / "i.json", "-o", folder / "x", "--architecture", "identity"}).status,
        64);
    EXPECT_EQ(run_spectile({"info", folder / "i.json", "--stac", folder / "j.json"}).status, 64);
    const auto refused = [&](const json& weights, const std::string& name) {
        made["properties"]["spectile:card"]["weights"] = {{"file", name}};
        made["assets"]["weights"] = weights;
        folder.write("bad.json", made.dump());
        const auto outcome = run_spectile({"convert", folder / "bad.json", "-o", folder / "x"});
        EXPECT_EQ(outcome.messages().size(), 1u) << outcome.err;
        EXPECT_FALSE(fs::exists(folder / "x"));
        return std::to_string(outcome.status) + " " + outcome.err;
    };
    folder.write("w.bin", "weights");
    EXPECT_THAT(refused({{"href", "https://a.b/w.bin"}}, "w.bin"),
                AllOf(HasSubstr("66 "), HasSubstr("fetch it")));
    EXPECT_THAT(refused({{"href", "./none.bin"}}, "w.bin"),
                AllOf(HasSubstr("66 "), HasSubstr("is not there")));
    EXPECT_THAT(refused({{"href", "./w.bin"}, {"file:checksum", "1220" + std::string(64, '0')}}, "w.bin"),
                AllOf(HasSubstr("76 "), HasSubstr("file:checksum")));
    EXPECT_THAT(refused({{"href", "./w.bin"}}, "../w.bin"),
                AllOf(HasSubstr("78 "), HasSubstr("leaves the model folder")));
}

TEST_F(Stac, SomebodysTorchscriptItemRuns) {
    simulate("90x80");
    ASSERT_EQ(run({built("tests/make_torchscript"), folder / "net", "global"}).status, 0);
    json made = json::parse(
        R"({"type": "Feature", "stac_version": "1.0.0", "id": "net", "geometry": null, "links": [],
      "stac_extensions": [], "properties": {"mlm:name": "Somebodys net",
        "mlm:input": [{"name": "in", "input": {"shape": [-1, 3, -1, -1], "data_type": "float32",
                       "dim_order": ["batch", "channel", "height", "width"]}}],
        "mlm:output": [{"name": "out", "tasks": ["semantic-segmentation"], "result": {"shape": [-1, 4, -1, -1],
          "dim_order": ["batch", "class", "height", "width"], "data_type": "float32"},
          "classification:classes": [{"value": 1, "name": "a"}, {"value": 2, "name": "b"}, {"value": 3, "name": "c"},
                                     {"value": 4, "name": "d"}]}]},
      "assets": {"net": {"href": "net/network.pt", "roles": ["mlm:model"], "mlm:artifact_type": "torch.jit.save"}}})");
    folder.write("net.json", made.dump());
    const auto outcome = run_spectile({"convert", folder / "net.json", "-o", folder / "imported", "--set",
                                       "parameters={activation: softmax, halo: 16, tile: 96}"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    for (const char* model : {"net", "imported"}) {
        const auto definition =
            pipeline("scene: {path: scene.dat, bands: [20, 40, 60]}\nmodel: " + std::string(model) +
                     "\nproducts: {class_map: " + model + ".tif}\n");
        const auto ran = run_spectile({"run", definition});
        ASSERT_EQ(ran.status, 0) << ran.err;
    }
    EXPECT_EQ(checksums(folder / "net.tif"), checksums(folder / "imported.tif"));
    made["assets"]["net"]["mlm:artifact_type"] = "torch.save";
    folder.write("net.json", made.dump());
    const auto refused = run_spectile({"convert", folder / "net.json", "-o", folder / "other"});
    EXPECT_EQ(refused.status, 78);
    EXPECT_THAT(refused.messages(), ElementsAre(HasSubstr("only TorchScript")));
    EXPECT_FALSE(fs::exists(folder / "other"));
}

}  // namespace
}  // namespace spectile::test
