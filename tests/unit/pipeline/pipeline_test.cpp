// What a good pipeline becomes.
#include <cmath>
#include <cstdlib>

#include "definition_files.hpp"
#include "pipeline/format_examples.hpp"
#include "pipeline/read_pipeline.hpp"

namespace spectile {
namespace {

using testing::ElementsAre;

const std::string kHead = "spectile: 1\nmodel: ../models/m\nproducts: {class_map: out/a.tif}\n";

Pipeline read(const std::string& rest, const std::vector<std::string>& sets = {}) {
    return read_pipeline_text(kHead + rest, "/data/p/my.yaml", sets);
}

TEST(Pipeline, ReadsTheContractsExample) {
    const Pipeline p = read_pipeline_text(
        "spectile: 1\nscene: {path: scene.hdr}\naoi: fields.gpkg\nmodel: ../models/enmap-landcover\nprepare: "
        "[]\n"
        "tiling: {tile: auto, part: auto, blend: auto}\nproducts:\n  class_map: {path: out/landcover.tif}\n"
        "  confidence: {path: out/confidence.tif, measure: margin}\n  report: {path: out/report.html}\n",
        "/data/p/my.yaml", {});
    ASSERT_EQ(p.scenes.size(), 1u);
    EXPECT_THAT(p.scenes[0].paths, ElementsAre("/data/p/scene.hdr"));
    EXPECT_EQ(p.scenes[0].aoi.vector, "/data/p/fields.gpkg");
    EXPECT_EQ(p.scenes[0].mark.line, 2);
    EXPECT_EQ(p.model, "/data/models/enmap-landcover");
    EXPECT_EQ(p.tiling.tile, 0);
    EXPECT_FALSE(p.tiling.blend);
    ASSERT_EQ(p.products.size(), 3u);
    EXPECT_EQ(p.products[1].kind, "confidence");
    EXPECT_EQ(p.products[1].path, "/data/p/out/confidence.tif");
    EXPECT_EQ(p.products[1].parameters, R"({"measure":"margin"})");
    EXPECT_EQ(p.products[1].mark.line, 9);
}

TEST(Pipeline, ReadsTheDocumentedExample) {
    const Pipeline p =
        read_pipeline_text(definition::example_of(DefinitionKind::pipeline), "/data/p/my.yaml", {});
    EXPECT_EQ(p.scenes[0].nodata, -32768);
    EXPECT_EQ(p.scenes[0].aoi.bbox_crs, "EPSG:4326");
    EXPECT_THAT(p.products[0].options, ElementsAre("COMPRESS=ZSTD"));
    EXPECT_EQ(p.prepare[0].parameters, R"({"factor":0.0001})");
}

TEST(Pipeline, SceneForms) {
    EXPECT_THAT(read("scene: a.tif\n").scenes[0].paths, ElementsAre("/data/p/a.tif"));
    EXPECT_THAT(read("scene: [a.tif, /b.tif]\n").scenes[0].paths, ElementsAre("/data/p/a.tif", "/b.tif"));
    const auto change = read("scene: {before: a.tif, after: b.tif, bands: [3, 1]}\n").scenes[0];
    EXPECT_TRUE(change.change);
    EXPECT_THAT(change.paths, ElementsAre("/data/p/a.tif", "/data/p/b.tif"));
    EXPECT_THAT(change.bands, ElementsAre(3, 1));
    const auto full =
        read(
            "scene:\n  path: [a.tif, b.tif]\n  wavelengths: [400, 500.5]\n  scale: 1e-4\n  offset: -1\n"
            "  nodata: .nan\n  options: {A: 1, B: x}\n  mask: m.tif\n  aoi: {window: [1, 2, 3, 4]}\n")
            .scenes[0];
    EXPECT_THAT(full.wavelengths_nm, ElementsAre(400, 500.5));
    EXPECT_EQ(full.scale, 1e-4);
    EXPECT_EQ(full.offset, -1);
    EXPECT_TRUE(full.nodata && std::isnan(*full.nodata));
    EXPECT_THAT(full.open_options, ElementsAre("A=1", "B=x"));
    EXPECT_EQ(full.mask, "/data/p/m.tif");
    EXPECT_EQ(full.aoi.window, (Window{1, 2, 3, 4}));
    EXPECT_EQ(read("scene: {path: a, wavelengths: w.csv}\n").scenes[0].wavelengths_file, "/data/p/w.csv");
}

TEST(Pipeline, LeavesGdalNamesAlone) {
    for (const std::string name :
         {"NETCDF:x.nc:v", "/vsicurl/http://h/a.tif", "SENTINEL2_L2A:/vsizip/a.zip:10m", "https://h/a.tif",
          "vrt://a.tif?bands=1"})
        EXPECT_THAT(read("scene: \"" + name + "\"\n").scenes[0].paths, ElementsAre(name));
    EXPECT_THAT(read("scene: ./x/../a b.tif\n").scenes[0].paths, ElementsAre("/data/p/a b.tif"));
}

TEST(Pipeline, PipelineWideMaskAndAreaStandInScenesWithoutOne) {
    const auto p = read_pipeline_text(
        "spectile: 1\nmodel: m\nmask: all.tif\naoi: all.gpkg\nscenes: [a.tif, {path: b.tif, mask: own.tif}]\n"
        "products: {class_map: '{stem}.tif'}\n",
        "/p/my.yaml", {});
    EXPECT_EQ(p.scenes[0].mask, "/p/all.tif");
    EXPECT_EQ(p.scenes[1].mask, "/p/own.tif");
    EXPECT_EQ(p.scenes[1].aoi.vector, "/p/all.gpkg");
}

TEST(Pipeline, StepsKeepTheirParametersAsJson) {
    const auto p = read(
        "scene: a\nprepare:\n  - clip\n  - scale: {factor: 2, names: [a, 0x10], deep: {on: true, t: '5'}}\n"
        "  - stretch:\n");
    ASSERT_EQ(p.prepare.size(), 3u);
    EXPECT_EQ(p.prepare[0].name, "clip");
    EXPECT_EQ(p.prepare[1].parameters, R"({"deep":{"on":true,"t":"5"},"factor":2,"names":["a",16]})");
    EXPECT_EQ(p.prepare[1].base, "/data/p");
    EXPECT_EQ(p.prepare[1].mark.line, 7);
    EXPECT_EQ(p.prepare[2].parameters, "{}");
}

TEST(Pipeline, ReadsTiling) {
    const auto t =
        read("scene: a\ntiling: {tile: 256, part: 1024, halo: 3, force_halo: true, blend: feather}\n").tiling;
    EXPECT_EQ(t.tile, 256);
    EXPECT_EQ(t.part, 1024);
    EXPECT_EQ(t.halo, 3);
    EXPECT_TRUE(t.force_halo);
    EXPECT_EQ(t.blend, Blend::feather);
    EXPECT_TRUE(read("scene: a\nlossy: true\n").lossy);
}

TEST(Settings, ChangeAddAndRemoveKeys) {
    const auto p = read("scene: a.tif\naoi: x.gpkg\n",
                        {"tiling.tile=64", "products.class_map.format=ENVI", "products.report.path=r.html",
                         "aoi=", "scene.nodata=-1", "scene.bands=[2, 1]", "prepare.0=clip",
                         "prepare.1={scale: {factor: 2}}"});
    EXPECT_EQ(p.tiling.tile, 64);
    EXPECT_EQ(p.products[0].format, "ENVI");
    EXPECT_EQ(p.products[0].path, "/data/p/out/a.tif");
    EXPECT_EQ(p.products[1].path, "/data/p/r.html");
    EXPECT_TRUE(p.scenes[0].aoi.empty());
    EXPECT_THAT(p.scenes[0].paths, ElementsAre("/data/p/a.tif"));
    EXPECT_EQ(p.scenes[0].nodata, -1);
    EXPECT_THAT(p.scenes[0].bands, ElementsAre(2, 1));
    EXPECT_EQ(p.prepare[1].name, "scale");
}

TEST(Settings, IndexLists) {
    const auto p =
        read_pipeline_text("spectile: 1\nmodel: m\nscenes: [a.tif, b.tif]\nproducts: {bands: '{stem}.tif'}\n",
                           "/p/my.yaml", {"scenes.0.path=c.tif", "scenes.2=d.tif", "scenes.1.scale=2"});
    ASSERT_EQ(p.scenes.size(), 3u);
    EXPECT_THAT(p.scenes[0].paths, ElementsAre("/p/c.tif"));
    EXPECT_EQ(p.scenes[1].scale, 2);
    EXPECT_THAT(p.scenes[2].paths, ElementsAre("/p/d.tif"));
}

TEST(Settings, TakeTextAsItStands) {
    EXPECT_THAT(read("scene: a\n", {"scene=NETCDF:\"f=1.nc\": v # x"}).scenes[0].paths,
                ElementsAre("NETCDF:\"f=1.nc\": v # x"));
}

TEST(Variables, ComeFromVarsThenEnvironment) {
    ::setenv("SPECTILE_TEST_NAME", "environment", 1);
    const std::string rest =
        "vars: {TILE: 32}\nscene: ${SPECTILE_TEST_NAME}.tif\ntiling: {tile: \"${TILE}\"}\n";
    EXPECT_EQ(error_of([&] { read(rest); }),
              "78 /data/p/my.yaml:6: tiling.tile: expected auto or a whole number, got '32'");
    const std::string plain =
        "vars: {TILE: 32}\nscene: ${SPECTILE_TEST_NAME}.tif\ntiling:\n  tile: ${TILE}\n";
    EXPECT_THAT(read(plain).scenes[0].paths, ElementsAre("/data/p/environment.tif"));
    EXPECT_EQ(read(plain).tiling.tile, 32);
    const auto set = read(plain, {"vars.TILE=16", "vars.SPECTILE_TEST_NAME=set"});
    EXPECT_EQ(set.tiling.tile, 16);
    EXPECT_THAT(set.scenes[0].paths, ElementsAre("/data/p/set.tif"));
    EXPECT_THAT(read("scene: a$${b}.tif\n").scenes[0].paths, ElementsAre("/data/p/a${b}.tif"));
}

TEST(Scenes, FromPatternInByteOrder) {
    const Folder folder;
    for (const char* name : {"s/b.tif", "s/a.tif", "s/C.tif", "s/x.txt"}) folder.write(name, "");
    const auto file =
        folder.write("my.yaml", "spectile: 1\nmodel: m\nscenes: s/*.tif\nproducts: {bands: '{stem}.tif'}\n");
    const auto p = read_pipeline(file, {});
    ASSERT_EQ(p.scenes.size(), 3u);
    EXPECT_EQ(p.scenes[0].paths[0], folder.file("s/C.tif"));
    EXPECT_EQ(p.scenes[2].paths[0], folder.file("s/b.tif"));
    const auto each = read_pipeline(file, {"scenes={from: s/*.tif, nodata: 7}"});
    EXPECT_EQ(each.scenes[2].nodata, 7);
}

TEST(Scenes, FromCsvRelativeToItself) {
    const Folder folder;
    folder.write("lists/l.csv", "id,path\r\n1,a.tif\r\n2,\"b, c.tif\"\r\n\r\n3,/vsis3/b/d.tif\r\n");
    folder.write("lists/c.csv", "before,after\na.tif,b.tif\n");
    const auto file = folder.write(
        "my.yaml", "spectile: 1\nmodel: m\nscenes: lists/l.csv\nproducts: {bands: '{stem}.tif'}\n");
    const auto p = read_pipeline(file, {});
    ASSERT_EQ(p.scenes.size(), 3u);
    EXPECT_THAT(p.scenes[1].paths, ElementsAre(folder.file("lists/b, c.tif")));
    EXPECT_THAT(p.scenes[2].paths, ElementsAre("/vsis3/b/d.tif"));
    EXPECT_TRUE(read_pipeline(file, {"scenes=lists/c.csv"}).scenes[0].change);
}

TEST(Scenes, FromStacItems) {
    const Folder folder;
    folder.write("items.json", R"({"type": "FeatureCollection", "features": [
        {"id": "one", "assets": {"B02": {"href": "./one/B02.tif", "roles": ["data"]},
                                  "B03": {"href": "https://h/B03.tif", "roles": ["data"]},
                                  "thumb": {"href": "t.png", "type": "image/png", "roles": ["thumbnail"]}}},
        {"id": "two", "assets": {"B02": {"href": "s3://bucket/B02.tif", "type": "image/tiff"},
                                  "B03": {"href": "two/B03.tif", "type": "image/tiff"}}}]})");
    const auto file = folder.write(
        "my.yaml", "spectile: 1\nmodel: m\nscenes: items.json\nproducts: {bands: '{stem}.tif'}\n");
    const auto p = read_pipeline(file, {"scenes={from: items.json, assets: [B03, B02]}"});
    ASSERT_EQ(p.scenes.size(), 2u);
    EXPECT_THAT(p.scenes[0].paths, ElementsAre("/vsicurl/https://h/B03.tif", folder.file("one/B02.tif")));
    EXPECT_THAT(p.scenes[1].paths, ElementsAre(folder.file("two/B03.tif"), "/vsis3/bucket/B02.tif"));
    EXPECT_EQ(read_pipeline(file, {}).scenes[0].paths.size(), 2u);
    EXPECT_EQ(error_of([&] { read_pipeline(file, {"scenes={from: items.json, assets: [B9]}"}); }),
              "78 " + folder.file("items.json") + ": item one has no asset 'B9'");
}

}  // namespace
}  // namespace spectile
