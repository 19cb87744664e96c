// What is wrong with a pipeline, in the words that users see: one case per kind of mistake.
#include "definition_files.hpp"
#include "pipeline/read_pipeline.hpp"

namespace spectile {
namespace {

struct Case {
    const char* text;
    const char* message;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.text; }

class Mistake : public testing::TestWithParam<Case> {};

TEST_P(Mistake, IsToldWithFileLineAndKey) {
    KnownNames known;
    known.steps = {"clip", "scale", "standardise"};
    EXPECT_EQ(error_of([&] { read_pipeline_text(GetParam().text, "my.yaml", {}, known); }),
              std::string("78 ") + GetParam().message);
}

#define HEAD "spectile: 1\nmodel: m\nproducts: {class_map: a.tif}\n"  // lines 1 to 3

INSTANTIATE_TEST_SUITE_P(
    Text, Mistake,
    testing::Values(
        Case{"", "my.yaml: is empty; a definition begins with 'spectile: 1'"},
        Case{"# only a comment\n", "my.yaml: is empty; a definition begins with 'spectile: 1'"},
        Case{"{}", "my.yaml:1: holds no keys; it begins with 'spectile: 1'"},
        Case{"- a\n- b\n", "my.yaml:1: expected a map of keys and values, got a list"},
        Case{"words", "my.yaml:1: expected a map of keys and values, got 'words'"},
        Case{"model: m\n", "my.yaml:1: missing key 'spectile'; write 'spectile: 1' as the first line"},
        Case{"spectle: 1\n", "my.yaml:1: unknown key 'spectle'; did you mean 'spectile'?"},
        Case{"spectile: 2\n",
             "my.yaml:1: spectile: format version 2 is not known to this program, which reads version 1"},
        Case{
            "spectile: one\n",
            "my.yaml:1: spectile: expected a whole number, got 'one'; write 'spectile: 1' as the first line"},
        Case{"spectile: 1\nmodel: [\n", "my.yaml:3: not valid YAML: end of sequence flow not found"},
        Case{HEAD "scene: a\nscene: b\n", "my.yaml:5: key 'scene' is given twice; remove one of them"},
        Case{HEAD "scene: a\n---\nmore: 1\n",
             "my.yaml:6: a second document begins here; one file holds one definition"},
        Case{HEAD "scene: !secret a\n", "my.yaml:4: tag '!secret' is not supported; remove it"},
        Case{HEAD "? [a, b]\n: c\n", "my.yaml:4: a key must be text, not a list or map"},
        Case{HEAD "scene: \x01\n", "my.yaml:4: holds a control character; it must be plain text"},
        Case{HEAD "scene: \xff\n", "my.yaml:4: is not UTF-8 text; save it as UTF-8"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, Mistake,
    testing::Values(
        Case{"spectile: 1\nscene: a\nmodle: m\nproducts: {mask: a.tif}\n",
             "my.yaml:3: unknown key 'modle'; did you mean 'model'?"},
        Case{HEAD "scene: a\ntiling: {tyle: 3}\n",
             "my.yaml:5: unknown key 'tiling.tyle'; did you mean 'tile'?"},
        Case{HEAD "scene: a\ntiling: {colour: 3}\n",
             "my.yaml:5: unknown key 'tiling.colour'; known: tile, part, halo, force_halo, blend"},
        Case{HEAD "scene: {path: a, wavelenghts: b}\n",
             "my.yaml:4: unknown key 'scene.wavelenghts'; did you mean 'wavelengths'?"},
        Case{"spectile: 1\nscene: a\nmodel: m\nproducts:\n  clas_map: a.tif\n",
             "my.yaml:5: unknown key 'products.clas_map'; did you mean 'class_map'?"},
        Case{"spectile: 1\nscene: a\nmodel: m\nproducts:\n  mask: {path: a.tif, fromat: ENVI}\n",
             "my.yaml:5: unknown key 'products.mask.fromat'; did you mean 'format'?"},
        Case{"spectile: 1\nmodel: m\nproducts: {mask: a.tif}\n", "my.yaml:1: missing key: scene or scenes"},
        Case{HEAD "scene: a\nscenes: [b]\n", "my.yaml:5: give only one of scene and scenes"},
        Case{"spectile: 1\nscene: a\nproducts: {mask: a.tif}\n",
             "my.yaml:1: missing key 'model' (Model folder, with `model.yaml` in it)"},
        Case{"spectile: 1\nscene: a\nmodel: m\n", "my.yaml:1: missing key 'products' (What to write)"},
        Case{"spectile: 1\nscene: a\nmodel: m\nproducts: {mask: {format: COG}}\n",
             "my.yaml:4: missing key 'products.mask.path' (File to write; with several scenes it holds "
             "`{stem}`, the "
             "scene's file name without extension)"},
        Case{"spectile: 1\nscene: a\nmodel: m\nproducts: {mask: }\n",
             "my.yaml:4: products: names no product"}));

INSTANTIATE_TEST_SUITE_P(
    Values, Mistake,
    testing::Values(
        Case{HEAD "scene: a\ntiling: {tile: abc}\n",
             "my.yaml:5: tiling.tile: expected auto or a whole number, got 'abc'"},
        Case{HEAD "scene: a\ntiling: {tile: 0}\n", "my.yaml:5: tiling.tile: must be at least 1, got '0'"},
        Case{HEAD "scene: a\ntiling: {halo: abc}\n",
             "my.yaml:5: tiling.halo: expected a whole number, got 'abc'"},
        Case{HEAD "scene: a\ntiling: {halo: '3'}\n",
             "my.yaml:5: tiling.halo: expected a whole number, got '3' in quotes"},
        Case{HEAD "scene: a\ntiling: {halo: 1.5}\n",
             "my.yaml:5: tiling.halo: expected a whole number, got '1.5'"},
        Case{HEAD "scene: a\ntiling: {blend: feathr}\n",
             "my.yaml:5: tiling.blend: expected one of auto, none, feather, got 'feathr'; did you mean "
             "'feather'?"},
        Case{HEAD "scene: a\ntiling: big\n", "my.yaml:5: tiling: expected a map, got 'big'"},
        Case{HEAD "scene: a\nlossy: yes\n", "my.yaml:5: lossy: expected true or false, got 'yes'"},
        Case{HEAD "scene: {path: a, scale: big}\n", "my.yaml:4: scene.scale: expected a number, got 'big'"},
        Case{HEAD "scene: {path: a, scale: .inf}\n",
             "my.yaml:4: scene.scale: expected a finite number, got '.inf'"},
        Case{HEAD "scene: {path: a, scale: 0}\n", "my.yaml:4: scale: must not be 0"},
        Case{HEAD "scene: {path: a, bands: [0]}\n", "my.yaml:4: scene.bands[0]: must be at least 1, got '0'"},
        Case{HEAD "scene: {path: a, bands: []}\n",
             "my.yaml:4: scene.bands: expected a list of at least 1, got 0"},
        Case{HEAD "scene: {path: a, wavelengths: [500, 0]}\n",
             "my.yaml:4: scene.wavelengths[1]: must be above 0, got '0'"},
        Case{HEAD "scene: {path: a, options: [TILED]}\n",
             "my.yaml:4: options: expected NAME=VALUE, got 'TILED'"},
        Case{HEAD "scene: {before: a}\n",
             "my.yaml:4: missing key 'scene.after' (File or GDAL name of the later date)"},
        Case{HEAD "scene: ''\n", "my.yaml:4: scene: expected a file or GDAL name, got empty text"},
        Case{HEAD "scene: a\naoi: {window: [0, 0, 5]}\n",
             "my.yaml:5: aoi.window: expected a list of 4, got 3"},
        Case{HEAD "scene: a\naoi: {window: [0, 0, 5, 0]}\n",
             "my.yaml:5: aoi.window: width and height must be at least 1"},
        Case{HEAD "scene: a\naoi: {window: [0, 0, 5, 5], path: a}\n",
             "my.yaml:5: aoi: give only one of path, window and bbox"},
        Case{HEAD "scene: a\naoi: {crs: EPSG:4326}\n", "my.yaml:5: aoi: missing key: path, window or bbox"},
        Case{HEAD "scene: a\naoi: {bbox: [1, 0, 0, 1]}\n",
             "my.yaml:5: aoi.bbox: expected xmin, ymin, xmax, ymax with xmin < xmax and ymin < ymax"},
        Case{HEAD "scene: a\naoi: {path: a, crs: EPSG:4326}\n",
             "my.yaml:5: aoi.crs: belongs to bbox, which is not given"},
        Case{HEAD "scene: a\nprepare: clip\n", "my.yaml:5: prepare: expected a list, got 'clip'"},
        Case{HEAD "scene: a\nprepare:\n  - clp\n", "my.yaml:6: unknown step 'clp'; did you mean 'clip'?"},
        Case{HEAD "scene: a\nprepare:\n  - scale: 3\n",
             "my.yaml:6: prepare[0].scale: expected a map, got '3'"},
        Case{HEAD "scene: a\nprepare:\n  - scale: {}\n    clip: {}\n",
             "my.yaml:6: prepare[0]: expected a single key, got 2"},
        Case{HEAD "scene: a\nprepare: [clip, whiten]\n",
             "my.yaml:5: unknown step 'whiten'; known: clip, scale, standardise"},
        Case{HEAD "scenes: [a.tif, b.tif]\n",
             "my.yaml:3: products.class_map: 2 scenes would write to one file; put {stem} into its path"},
        Case{"spectile: 1\nscene: a\nmodel: m\nproducts: {mask: a.tif, bands: ./a.tif}\n",
             "my.yaml:4: products.bands: writes to the same file as products.mask"}));

TEST(Mistakes, TwoScenesOfOneStemAreRefused) {
    EXPECT_EQ(
        error_of([] {
            read_pipeline_text(
                "spectile: 1\nmodel: m\nscenes: [/x/a.tif, /y/a.img]\nproducts: {mask: 'o/{stem}.tif'}\n",
                "my.yaml", {});
        }),
        "78 my.yaml:3: scenes: /x/a.tif and /y/a.img have one {stem} and would write to one file");
}

TEST(Mistakes, InSettingsNameTheSetting) {
    const auto with = [](const std::string& setting) {
        return error_of(
            [&] { read_pipeline_text(HEAD "scene: a\nprepare: [clip]\n", "my.yaml", {setting}); });
    };
    EXPECT_EQ(with("tiling.tile"), "64 --set tiling.tile: expected key.path=value");
    EXPECT_EQ(with("=3"), "64 --set =3: expected key.path=value");
    EXPECT_EQ(with("a..b=3"), "64 --set a..b=3: empty key in the path");
    EXPECT_EQ(with("tiling.tile=abc"),
              "78 --set tiling.tile=abc: tiling.tile: expected auto or a whole number, got 'abc'");
    EXPECT_EQ(with("modle=x"), "78 --set modle=x: unknown key 'modle'; did you mean 'model'?");
    EXPECT_EQ(with("prepare.x=clip"),
              "78 --set prepare.x=clip: 'x' is no index; the key before it holds a list of 1");
    EXPECT_EQ(with("prepare.5=clip"), "78 --set prepare.5=clip: index 5 is beyond the list of 1");
    EXPECT_THAT(with("scene.bands=[1"), testing::StartsWith("64 --set scene.bands=[1:1: "));
}

TEST(Mistakes, InVariablesNameLineAndVariable) {
    const auto with = [](const std::string& rest) {
        return error_of([&] { read_pipeline_text(HEAD + rest, "my.yaml", {}); });
    };
    EXPECT_EQ(with("scene: {path: '${SPECTILE_NOT_SET}'}\n"),
              "78 my.yaml:4: scene.path: ${SPECTILE_NOT_SET} is not defined; set the environment variable "
              "SPECTILE_NOT_SET or give --set vars.SPECTILE_NOT_SET=VALUE");
    EXPECT_EQ(
        with("scene: 'a${'\n"),
        "78 my.yaml:4: scene: '${' must begin a ${NAME} of letters, digits and _; write $${ for itself");
    EXPECT_EQ(with("vars: {A: [1]}\nscene: ${A}\n"),
              "78 my.yaml:4: vars.A: expected text or a number, got a list");
}

TEST(Mistakes, InFilesNameThem) {
    const Folder folder;
    const auto read = [&](const std::string& name) {
        return error_of([&] { read_pipeline(folder.file(name), {}); });
    };
    EXPECT_EQ(read("none.yaml"), "66 " + folder.file("none.yaml") + ": no such file");
    EXPECT_EQ(error_of([&] { read_pipeline(folder.path(), {}); }),
              "78 " + folder.path() + ": is not a regular file; name the YAML file itself");
    folder.write("large.yaml", "");
    std::filesystem::resize_file(folder.file("large.yaml"), (16 << 20) + 1);
    EXPECT_EQ(read("large.yaml"), "78 " + folder.file("large.yaml") +
                                      ": larger than 16 MiB; definitions are text of a few pages");
    const auto file =
        folder.write("my.yaml", "spectile: 1\nmodel: m\nscenes: s/*.tif\nproducts: {mask: '{stem}.tif'}\n");
    EXPECT_EQ(read("my.yaml"), "66 " + file + ":3: scenes: no file matches " + folder.file("s/*.tif"));
    folder.write("bad.csv", "name\na.tif\n");
    EXPECT_EQ(error_of([&] { read_pipeline(file, {"scenes=bad.csv"}); }),
              "78 " + folder.file("bad.csv") +
                  ": has no column 'path' (nor 'before' and 'after') in its first line");
    folder.write("bad.json", "{\"features\": 3}");
    EXPECT_EQ(error_of([&] { read_pipeline(file, {"scenes=bad.json"}); }),
              "78 " + folder.file("bad.json") + ": 'features' is not a list of STAC items");
}

}  // namespace
}  // namespace spectile
