#include "pipeline/model_card.hpp"

#include <nlohmann/json.hpp>

#include "definition_files.hpp"
#include "pipeline/format_examples.hpp"

namespace spectile {
namespace {

using testing::ElementsAre;

const std::string kHash(64, 'a');
const std::string kHead = "spectile: 1\narchitecture: spectral_mamba\ntask: classification\n";

ModelCard read(const std::string& text, const Folder& folder = Folder()) {
    folder.write("model.yaml", text);
    return read_model_card(folder.path());
}

/// The message without the folder, which differs from run to run.
std::string message(const std::string& text, const Folder& folder = Folder()) {
    std::string said = error_of([&] { read(text, folder); });
    for (auto at = said.find(folder.path()); at != std::string::npos; at = said.find(folder.path()))
        said.replace(at, folder.path().size(), "M");
    return said;
}

TEST(ModelCard, OfTwoLinesIsEnoughForIdentity) {
    const Folder folder;
    const ModelCard card = read("spectile: 1\narchitecture: identity\n", folder);
    EXPECT_EQ(card.architecture, "identity");
    EXPECT_EQ(card.task, Task::bands);
    EXPECT_EQ(card.name, "identity");
    EXPECT_EQ(card.folder, folder.path());
    EXPECT_EQ(card.file, folder.file("model.yaml"));
    EXPECT_FALSE(card.halo);
    EXPECT_TRUE(card.weights.empty());
    EXPECT_TRUE(card.bands.empty());
    EXPECT_EQ(read("spectile: 1\narchitecture: identity\nhalo: 5\n").halo, 5);
    EXPECT_EQ(read_model_card(folder.file("model.yaml")).canonical, card.canonical);
}

TEST(ModelCard, ReadsTheDocumentedExample) {
    const ModelCard card = read(definition::example_of(DefinitionKind::model));
    ASSERT_EQ(card.bands.size(), 4u);
    EXPECT_EQ(card.bands[3].name, "near infrared");
    EXPECT_EQ(card.bands[3].wavelength_nm, 842);
    EXPECT_EQ(card.bands[0].fwhm_nm, 65);
    EXPECT_EQ(card.matching.by, "wavelength");
    EXPECT_EQ(card.matching.tolerance_nm, 20);
    ASSERT_EQ(card.classes.size(), 3u);
    EXPECT_EQ(card.classes[0].color, (std::array<std::uint8_t, 3>{0x1f, 0x77, 0xb4}));
    EXPECT_EQ(card.prepare[0].name, "standardise");
    EXPECT_EQ(card.parameters, R"({"depth":1})");
}

TEST(ModelCard, BandsInEveryForm) {
    EXPECT_EQ(read(kHead + "bands: 200\n").bands.size(), 200u);
    EXPECT_EQ(read(kHead + "bands: 200\n").matching.by, "position");
    const auto list = read(kHead + "bands: [{name: red, wavelength: 665}, {name: nir}]\n");
    EXPECT_EQ(list.bands[0].wavelength_nm, 665);
    EXPECT_FALSE(list.bands[1].wavelength_nm);
    EXPECT_EQ(list.matching.by, "name");
    EXPECT_EQ(read(kHead + "bands: {wavelengths: [1, 2.5]}\n").matching.by, "wavelength");
}

TEST(ModelCard, ClassesInShortCountFromOneWithDistinctColours) {
    const auto classes = read(kHead + "classes: [water, tree, {name: roof, value: 9}]\n").classes;
    EXPECT_EQ(classes[1].value, 2);
    EXPECT_EQ(classes[2].value, 9);
    EXPECT_NE(classes[0].color, classes[1].color);
}

TEST(ModelCard, WeightsAndSelftestLieInTheFolder) {
    const Folder folder;
    folder.write("w/weights.safetensors", "x");
    folder.write("selftest.safetensors", "x");
    const auto card = read(kHead + "weights: {file: w/weights.safetensors, sha256: " + kHash + "}\n", folder);
    EXPECT_EQ(card.weights, folder.file("w/weights.safetensors"));
    EXPECT_EQ(card.weights_sha256, kHash);
    EXPECT_EQ(card.selftest, folder.file("selftest.safetensors"));
    std::filesystem::create_symlink(folder.file("w/weights.safetensors"), folder.file("link"));
    EXPECT_EQ(read(kHead + "weights: link\n", folder).weights, folder.file("link"));
}

TEST(ModelCard, WeightsThatLeaveTheFolderAreRefused) {
    const Folder outside, folder;
    outside.write("weights", "x");
    std::filesystem::create_symlink(outside.file("weights"), folder.file("link"));
    std::filesystem::create_directory_symlink(outside.path(), folder.file("dir"));
    const std::string leaves = "78 M/model.yaml:4: weights: ";
    EXPECT_EQ(message(kHead + "weights: link\n", folder),
              leaves + "link is a link that leaves the model folder");
    EXPECT_EQ(message(kHead + "weights: dir/weights\n", folder),
              leaves + "dir/weights is a link that leaves the model folder");
    EXPECT_EQ(message(kHead + "weights: ../weights\n", folder),
              leaves + "../weights leaves the model folder; name a file inside it");
    EXPECT_EQ(message(kHead + "weights: a/../../weights\n", folder),
              leaves + "a/../../weights leaves the model folder; name a file inside it");
    EXPECT_EQ(message(kHead + "weights: /etc/passwd\n", folder),
              leaves + "/etc/passwd leaves the model folder; name a file inside it");
    EXPECT_EQ(message(kHead + "weights: none\n", folder), leaves + "none is not there: M/none");
    EXPECT_EQ(message(kHead + "weights: .\n", folder), leaves + ". is not a file that can be read");
}

TEST(ModelCard, MistakesAreTold) {
    const Folder folder;
    EXPECT_EQ(error_of([&] { read_model_card(folder.path()); }),
              "78 " + folder.file("model.yaml") + ": no such file; a model folder holds model.yaml");
    EXPECT_EQ(error_of([&] { read_model_card(folder.file("none")); }),
              "78 " + folder.file("none") + ": no such model folder");
    EXPECT_EQ(message(""), "78 M/model.yaml: is empty; a definition begins with 'spectile: 1'");
    EXPECT_EQ(message("spectile: 1\n"),
              "78 M/model.yaml:1: missing key 'architecture' (Registered architecture; `spectile models` "
              "lists them)");
    EXPECT_EQ(message("spectile: 1\narchitecture: x\n"),
              "78 M/model.yaml:1: missing key 'task' (what the network does)");
    EXPECT_EQ(message("spectile: 1\narchitecture: identity\nhallo: 3\n"),
              "78 M/model.yaml:3: unknown key 'hallo'; did you mean 'halo'?");
    EXPECT_EQ(message("spectile: 1\narchitecture: identity\nhalo: -1\n"),
              "78 M/model.yaml:3: halo: must be at least 0, got '-1'");
    EXPECT_EQ(message("spectile: 1\narchitecture: identity\ntask: change\n"),
              "78 M/model.yaml:3: task: the identity model's task is bands");
    EXPECT_EQ(message("spectile: 1\narchitecture: identity\nweights: w\n"),
              "78 M/model.yaml:3: weights: the identity model has none");
    EXPECT_EQ(message("spectile: 1\narchitecture: a\ntask: clasification\n"),
              "78 M/model.yaml:3: task: expected one of bands, classification, segmentation, detection, "
              "change, labels, got "
              "'clasification'; did you mean 'classification'?");
    EXPECT_EQ(message(kHead + "padding: mirror\n"),
              "78 M/model.yaml:4: padding: expected one of nearest, reflect, got 'mirror'");
    EXPECT_EQ(message(kHead + "weights: {file: w, sha256: abc}\n"),
              "78 M/model.yaml:4: weights.sha256: expected 64 lower-case hexadecimal digits, got 'abc'");
    EXPECT_EQ(message("spectile: 1\narchitecture: torchscript\ntask: labels\nweights: network.pt\n"),
              "78 M/model.yaml:4: weights.sha256: torchscript weights are code and run only with their "
              "SHA-256 here");
    EXPECT_EQ(message(kHead + "parameters: {depth: 1, depth: 2}\n"),
              "78 M/model.yaml:4: key 'depth' is given twice; remove one of them");
}

TEST(ModelCard, UnknownArchitecturesAndStepsAreNamed) {
    const Folder folder;
    const auto with = [&](const std::string& text) {
        folder.write("model.yaml", text);
        KnownNames known;
        known.steps = {"clip", "standardise"};
        known.architectures = {"identity", "spectral_mamba"};
        return error_of([&] { read_model_card(folder.path(), known); });
    };
    EXPECT_EQ(with("spectile: 1\narchitecture: spectral-mamba\ntask: labels\n"),
              "78 " + folder.file("model.yaml") +
                  ":2: unknown architecture 'spectral-mamba'; did you mean 'spectral_mamba'?");
    EXPECT_EQ(
        with(kHead + "prepare: [standardize: {}]\n"),
        "78 " + folder.file("model.yaml") + ":4: unknown step 'standardize'; did you mean 'standardise'?");
}

TEST(ModelCard, MistakesInBandsAndClassesAreTold) {
    EXPECT_EQ(
        message(kHead + "classes: [{value: 0, name: water}]\n"),
        "78 M/model.yaml:4: classes[0].value: 0 is also nodata; give the card a nodata that is no class");
    EXPECT_EQ(
        message(kHead + "nodata: 2\nclasses: [a, b]\n"),
        "78 M/model.yaml:5: classes[1].value: 2 is also nodata; give the card a nodata that is no class");
    EXPECT_EQ(message(kHead + "classes: [{value: 3, name: a}, {value: 3, name: b}]\n"),
              "78 M/model.yaml:4: classes[1].value: 3 is given twice");
    EXPECT_EQ(message(kHead + "classes: [a, a]\n"), "78 M/model.yaml:4: classes[1].name: 'a' is given twice");
    EXPECT_EQ(message(kHead + "classes: [{value: 70000, name: a}]\n"),
              "78 M/model.yaml:4: classes[0].value: must be at most 65535, got '70000'");
    EXPECT_EQ(message(kHead + "classes: [{name: a, color: red}]\n"),
              "78 M/model.yaml:4: classes[0].color: expected a colour in quotes, like '#1f77b4', got 'red'");
    EXPECT_EQ(message(kHead + "bands: [{}]\n"), "78 M/model.yaml:4: bands[0]: expected a name or wavelength");
    EXPECT_EQ(message(kHead + "bands: {wavelengths: [1, 2], fwhm: [1]}\n"),
              "78 M/model.yaml:4: bands.fwhm: expected 2 like the list before it, got 1");
    EXPECT_EQ(message(kHead + "bands: 3\nmatching: {by: wavelength}\n"),
              "78 M/model.yaml:5: matching.by: wavelength needs a wavelength for every band");
}

void expect_equal_after_writing(const std::string& text, const Folder& folder) {
    const ModelCard card = read(text, folder);
    const std::string written = write_model_card(card);
    const ModelCard again = read(written, folder);
    EXPECT_EQ(again.canonical, card.canonical) << written;
    EXPECT_EQ(write_model_card(again), written);
    ASSERT_EQ(again.bands.size(), card.bands.size());
    for (std::size_t i = 0; i < card.bands.size(); ++i) {
        EXPECT_EQ(again.bands[i].name, card.bands[i].name);
        EXPECT_EQ(again.bands[i].wavelength_nm, card.bands[i].wavelength_nm);
        EXPECT_EQ(again.bands[i].fwhm_nm, card.bands[i].fwhm_nm);
    }
}

TEST(ModelCard, WrittenReadsBackEqual) {
    const Folder folder;
    folder.write("weights.safetensors", "x");
    expect_equal_after_writing(definition::example_of(DefinitionKind::model), folder);
    expect_equal_after_writing("spectile: 1\narchitecture: identity\n", folder);
    expect_equal_after_writing(kHead + "bands: 7\n", folder);
    expect_equal_after_writing(
        kHead +
            "name: 'true'\nsummary: \"Ends: with # and \\\"quotes\\\", \\t and ü\"\nlicence: '1.0'\n"
            "weights: {file: weights.safetensors, sha256: " +
            kHash +
            "}\n"
            "bands: [{wavelength: 0.1}, {name: '5', wavelength: 665.0000000000001, fwhm: 1e-300}]\n"
            "prepare: [clip, standardise: {mean: [0.1, 1e22, -3, 5.0], deep: {a: [[1, 2], [3]], b: {}, c: "
            "[]}, "
            "text: '${X}', none: null, odd: [{a: 1}, 'no', '', ' x']}]\n"
            "tile: 64\nhalo: 0\npadding: reflect\nnodata: 255\nclasses: [{value: 0, name: 'off'}]\n"
            "training: {data: x, epochs: [1, 2]}\naccuracy: {overall_accuracy: 0.9123456789012345}\n",
        folder);
}

TEST(ModelCard, ManyBandsAreWrittenInLinesOfAHundredColumns) {
    std::string list;
    for (int i = 0; i < 200; ++i) list += (i ? ", " : "") + std::to_string(400 + i * 10) + ".25";
    const Folder folder;
    const std::string text = kHead + "bands: {wavelengths: [" + list + "]}\n";
    expect_equal_after_writing(text, folder);
    std::istringstream lines(write_model_card(read(text, folder)));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u);
}

TEST(ModelCard, CanonicalFormDoesNotDependOnSpellingOrFolder) {
    const auto one = read(kHead + "parameters: {b: 2, a: 1}\nbands: {wavelengths: [500, 600]}\n");
    const auto two = read(
        "# words\ntask: classification\nspectile: 1\nbands:\n  - wavelength: 500.0\n  - {wavelength: 6e2}\n"
        "architecture: spectral_mamba\nparameters:\n  a: 1\n  b: 2\npadding: nearest\n");
    EXPECT_EQ(one.canonical, two.canonical);
    EXPECT_NE(one.canonical,
              read(kHead + "parameters: {b: 2, a: 2}\nbands: {wavelengths: [500, 600]}\n").canonical);
    EXPECT_EQ(nlohmann::json::parse(one.canonical).dump(), one.canonical);
}

}  // namespace
}  // namespace spectile
