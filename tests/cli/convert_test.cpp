#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/spawn.hpp"
#include "support/checkpoint_file.hpp"
#include "support/golden_file.hpp"
#include "weights/safetensors.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using weights::SafeTensors;

const std::string kLandcover = SPECTILE_SOURCE_DIR "/models/enmap-landcover";

void write_bytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string storage_class(weights::ElementType type) {
    using enum weights::ElementType;
    return type == F16 ? "HalfStorage" : type == I64 ? "LongStorage" : "FloatStorage";
}

/// A checkpoint with the tensors of a safetensors file whose keys begin with `prefix`, which is replaced by
/// `module.`, as data-parallel training saves them under `state_dict`; `more` are entries beside them.
std::string checkpoint_of(const SafeTensors& file, const std::string& prefix = {}, pickled::Pairs more = {}) {
    std::vector<std::string> storages;
    pickled::Pairs entries = std::move(more);
    for (const auto& [key, view] : file.tensors()) {
        if (!key.starts_with(prefix)) continue;
        pickled::Tensor tensor{.storage = std::to_string(storages.size()),
                               .type = storage_class(view.dtype),
                               .elements = static_cast<std::int64_t>(view.elements()),
                               .shape = view.shape,
                               .strides = view.shape};
        std::int64_t stride = 1;
        for (std::size_t axis = view.shape.size(); axis-- > 0; stride *= view.shape[axis])
            tensor.strides[axis] = stride;
        entries.emplace_back("module." + key.substr(prefix.size()), tensor.piece());
        storages.emplace_back(reinterpret_cast<const char*>(view.data.data()), view.data.size());
    }
    return pickled::checkpoint(
        pickled::dict({{"state_dict", pickled::ordered_dict(entries)}, {"epoch", pickled::number(199)}}),
        storages);
}

/// `spectile convert` of the land-cover model's weights with the settings of its card.
std::vector<std::string> landcover_command(const std::string& checkpoint, const std::string& output) {
    return {"convert",
            checkpoint,
            "-o",
            output,
            "--architecture",
            "spectral_mamba",
            "--set",
            "parameters={bands: 218, classes: 6, d_conv: 4, d_model: 32, d_state: 16, depth: 1, expand: 2, "
            "patch_size: 1, piece_len: 6}",
            "--set",
            "bands=218",
            "--set",
            "matching={by: position}",
            "--set",
            "classes=[{value: 1, name: a}, {value: 2, name: b}, {value: 3, name: c}, {value: 4, name: d}, "
            "{value: 5, name: e}, {value: 6, name: f}]"};
}

std::vector<std::string> with(std::vector<std::string> command, const std::vector<std::string>& more) {
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

/// One message with this status, nothing on standard output, and no file but the checkpoint.
void expect_refusal(const Outcome& outcome, int status, const std::string& text, const Folder& folder) {
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr(text)));
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(folder.names(), testing::Each(testing::EndsWith(".pth")));
}

TEST(Convert, WeightsBecomeAModelFolderWithTheSameBits) {
    const Folder folder;
    const auto original = SafeTensors::open(kLandcover + "/weights.safetensors");
    write_bytes(folder / "net.pth", checkpoint_of(original));
    const auto outcome =
        run_spectile(with(landcover_command(folder / "net.pth", folder / "model"), {"--json"}));
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto report = json::parse(outcome.out);
    EXPECT_EQ(report["taken"], original.tensors().size());
    EXPECT_THAT(report["unexpected"], IsEmpty());
    const auto written = SafeTensors::open(folder / "model/weights.safetensors");
    ASSERT_EQ(written.tensors().size(), original.tensors().size());
    for (const auto& [key, view] : original.tensors()) {
        EXPECT_EQ(written.at(key).shape, view.shape) << key;
        EXPECT_TRUE(std::ranges::equal(written.at(key).data, view.data)) << key;
    }
    const auto info = json::parse(run_spectile({"info", folder / "model", "--json"}).out);
    EXPECT_EQ(info["task"], "classification") << "from the architecture";
    EXPECT_EQ(info["name"], "model");
    EXPECT_EQ(info["weights"]["sha256"], report["weights_sha256"]);
    EXPECT_EQ(info["training"], json({{"checkpoint", "net.pth"}, {"epoch", 199}}));
    EXPECT_THAT(folder.names(), testing::Not(testing::Contains(HasSubstr("partial"))));
}

TEST(Convert, AFaultOfTheCardNamesTheModelThatWasAskedFor) {
    const Folder folder;
    write_bytes(folder / "net.pth", checkpoint_of(SafeTensors::open(kLandcover + "/weights.safetensors")));
    const auto outcome = run_spectile(
        with(landcover_command(folder / "net.pth", folder / "model"), {"--set", "parameters.depth=0"}));
    EXPECT_THAT(outcome.err, testing::Not(HasSubstr("partial")));
    expect_refusal(outcome, 78, folder / "model/model.yaml", folder);
}

TEST(Convert, PublishedHalfPrecisionWeightsOfMimIstdAreTaken) {
    const auto path = golden_root() / "mim_istd" / "full_state.safetensors";
    if (!fs::exists(path)) GTEST_SKIP() << "no file " << path;
    const Folder folder;
    const auto published = SafeTensors::open(path);
    // What published files hold and the network never reads may be of any shape.
    const pickled::Pairs unread = {{"module.mim_backbone.stages.0.relative_pos",
                                    pickled::Tensor{.shape = {2, 1}, .strides = {1, 1}}.piece()}};
    write_bytes(folder / "net.pth", checkpoint_of(published, "state.", unread));
    const auto outcome = run_spectile(
        {"convert", folder / "net.pth", "-o", folder / "model/", "--architecture", "mim_istd", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto report = json::parse(outcome.out);
    EXPECT_THAT(report["left_out"], testing::Contains("mim_backbone.stages.0.relative_pos"));
    const auto written = SafeTensors::open(folder / "model/weights.safetensors");
    EXPECT_EQ(report["taken"], written.tensors().size());
    EXPECT_EQ(written.tensors().size() + report["left_out"].size(), published.tensors().size() + 1);
    for (const auto& [key, view] : written.tensors()) {
        const auto floats = weights::to_floats(published.at("state." + key));
        EXPECT_TRUE(std::ranges::equal(view.data, std::as_bytes(std::span(floats)))) << key;
    }
    EXPECT_EQ(json::parse(run_spectile({"info", folder / "model", "--json"}).out)["task"], "detection");
}

TEST(Convert, KeysThatDoNotFitAreNamedUnlessAllowed) {
    const Folder folder;
    const auto original = SafeTensors::open(kLandcover + "/weights.safetensors");
    const std::string first = original.tensors().begin()->first;
    // The first tensor under another name, a number too many, and a call.
    auto text = checkpoint_of(
        original, {},
        {{"extra", pickled::number(3)}, {"evil", pickled::call(pickled::global("os", "system"), {})}});
    const auto hide = [&](const std::string& key) {
        for (std::size_t at; (at = text.find(key)) != std::string::npos;) text.replace(at, 1, "_");
    };
    hide(first);
    write_bytes(folder / "net.pth", text);
    const auto command = landcover_command(folder / "net.pth", folder / "model");
    const auto refused = run_spectile(command);
    expect_refusal(refused, 78, "does not fit the network; missing: " + first + "; unexpected: ", folder);
    EXPECT_THAT(refused.err, AllOf(HasSubstr("extra"), HasSubstr("evil")));
    expect_refusal(run_spectile(with(command, {"--allow", "missing"})), 78, "; unexpected: ", folder);
    const auto allowed = run_spectile(with(command, {"--allow", "missing,unexpected", "--json"}));
    ASSERT_EQ(allowed.status, 0) << allowed.err;
    EXPECT_THAT(json::parse(allowed.out)["missing"], ElementsAre(first));
    EXPECT_EQ(SafeTensors::open(folder / "model/weights.safetensors").tensors().size(),
              original.tensors().size() - 1);
}

TEST(Convert, AListOfNamesAndShapesStandsInForAnArchitecture) {
    const Folder folder;
    const auto tensor = [](std::vector<std::int64_t> shape) {
        return pickled::Tensor{.shape = std::move(shape)}.piece();
    };
    write_bytes(
        folder / "net.pth",
        pickled::checkpoint(pickled::dict({{"a", tensor({4})},
                                           {"b", tensor({2})},
                                           {"c", pickled::call(pickled::global("os", "system"), {})}}),
                            {pickled::floats({1, 2, 3, 4})}));
    const std::vector<std::string> command = {"convert",        folder / "net.pth", "-o",
                                              folder / "model", "--architecture",   "future_net"};
    expect_refusal(run_spectile(with(command, {"--set", "task=labels"})), 78, "\"future_net\" is unknown",
                   folder);
    const Folder lists;
    const auto expecting = [&](const char* name, const std::string& list) {
        return with(command, {"--set", "task=labels", "--expect", lists.write(name, list)});
    };
    expect_refusal(run_spectile(expecting("1.json", R"({"a": [4], "b": [3], "c": [1]})")), 78,
                   "misshapen: b is F32 [2], not [3], c is a call of \"os.system\", not [1]", folder);
    expect_refusal(run_spectile(expecting("2.json", R"({"a": [-1]})")), 78, "has no shape of whole numbers",
                   folder);
    expect_refusal(run_spectile(expecting("3.json", "[")), 78, "it is not a JSON object", folder);
    expect_refusal(run_spectile(with(command, {"--set", "task=labels", "--expect", "no/such.json"})), 66,
                   "no/such.json", folder);
    const auto good =
        expecting("4.json", R"({"tensors": [{"key": "module.a", "shape": [4], "dtype": "float32"}]})");
    const auto outcome = run_spectile(with(good, {"--allow", "unexpected"}));
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto written = SafeTensors::open(folder / "model/weights.safetensors");
    EXPECT_THAT(weights::to_floats(written.at("a")), ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(written.tensors().size(), 1u);
}

TEST(Convert, OfficialKeysOfSpectralGptFitTheirOwnLists) {
    if (golden_absent()) GTEST_SKIP() << "no folder " << golden_root();
    const Folder folder;
    const auto at = [](const char* name) { return (golden_root() / "spectralgpt" / name).string(); };
    const auto outcome =
        run_spectile({"convert", at("checkpoint_small.pth"), "-o", folder / "model", "--architecture",
                      "spectral_gpt", "--set", "task=segmentation", "--expect",
                      at("official_keys_pretrain_base_96.json"), "--allow", "missing,misshapen", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto report = json::parse(outcome.out);
    EXPECT_THAT(report["unexpected"], IsEmpty()) << "the small network has a part of the large one's keys";
    EXPECT_EQ(report["taken"].get<int>() + static_cast<int>(report["misshapen"].size()), 63);
    EXPECT_EQ(report["misshapen"].size() + report["missing"].size() + report["taken"].get<std::size_t>(),
              271u);
}

TEST(Convert, MemoryDoesNotGrowWithTheFile) {
    constexpr std::int64_t kElements = 24 << 20;
    const Folder folder;
    write_bytes(
        folder / "net.pth",
        pickled::checkpoint(
            pickled::dict({{"w", pickled::Tensor{.elements = kElements, .shape = {kElements}}.piece()}}),
            {std::string(kElements * sizeof(float), '\0')}));
    const auto expect = folder.write("keys.json", json{{"w", {kElements}}}.dump());
    const auto listed = run_spectile({"convert", folder / "net.pth", "--list"});
    const auto converted =
        run_spectile({"convert", folder / "net.pth", "-o", folder / "model", "--architecture", "future_net",
                      "--set", "task=labels", "--expect", expect});
    EXPECT_EQ(converted.status, 0) << converted.err;
    EXPECT_THAT(converted.err, HasSubstr("weights     100 %")) << "progress, as the file is large";
    if (!kSanitized) {
        EXPECT_LT(converted.peak_mib - listed.peak_mib, 16) << "of a tensor of 96 MiB";
    }
}

TEST(Convert, AModelThatIsThereIsReplacedOnlyWhenAsked) {
    const Folder folder;
    write_bytes(folder / "net.pth", checkpoint_of(SafeTensors::open(kLandcover + "/weights.safetensors")));
    const auto command = landcover_command(folder / "net.pth", folder / "model");
    ASSERT_EQ(run_spectile(command).status, 0);
    const auto card = text_of(folder / "model/model.yaml");
    folder.write("model/notes.txt", "mine");
    const auto refused = run_spectile(command);
    EXPECT_EQ(refused.status, 73) << refused.err;
    EXPECT_THAT(refused.messages(), ElementsAre(HasSubstr("--overwrite replaces it")));
    EXPECT_EQ(run_spectile(with(command, {"--overwrite", "--set", "summary=new"})).status, 0);
    EXPECT_NE(text_of(folder / "model/model.yaml"), card);
    EXPECT_EQ(text_of(folder / "model/notes.txt"), "mine");
    write_bytes(folder / "file.pth", "x");
    EXPECT_EQ(run_spectile(landcover_command(folder / "net.pth", folder / "file.pth")).status, 73);
}

TEST(Convert, WhatIsWrongHasItsStatus) {
    const Folder folder;
    const auto convert = [&](const std::string& checkpoint) {
        return run_spectile({"convert", checkpoint, "-o", folder / "model", "--architecture", "mim_istd"});
    };
    expect_refusal(convert(folder / "no.pth"), 66, "no.pth: cannot be opened", folder);
    expect_refusal(convert(folder / ""), 78, "is not a plain file", folder);
    write_bytes(folder / "odd.pth", "neither");
    expect_refusal(convert(folder / "odd.pth"), 78, "odd.pth: not a usable checkpoint", folder);
    const auto whole = checkpoint_of(SafeTensors::open(kLandcover + "/weights.safetensors"));
    write_bytes(folder / "cut.pth", whole.substr(0, whole.size() / 2));
    expect_refusal(convert(folder / "cut.pth"), 78, "a download that was cut off?", folder);
    write_bytes(folder / "net.pth", whole);
    expect_refusal(convert(folder / "net.pth"), 78, "does not fit the network; missing: ", folder);
    const auto other = [&](const std::vector<std::string>& more) {
        return run_spectile(with({"convert", folder / "net.pth"}, more));
    };
    expect_refusal(other({}), 64, "--output MODEL is missing", folder);
    expect_refusal(other({"-o", folder / "m"}), 64, "--architecture NAME is missing", folder);
    expect_refusal(other({"-o", folder / "m", "--architecture", "mim_isdt"}), 78, "did you mean", folder);
    expect_refusal(
        other({"-o", folder / "m", "--architecture", "torchscript", "--set", "parameters.channels=1"}), 78,
        "no weights of its own", folder);
    expect_refusal(other({"-o", folder / "m", "--architecture", "mim_istd", "--set", "parameters.tile=3"}),
                   78, "tile", folder);
    expect_refusal(other({"-o", folder / "m", "--architecture", "mim_istd", "--from", "ema"}), 78,
                   "\"ema\" is not there", folder);
}

TEST(Convert, ListPrintsWhatThereIsAndWritesNothing) {
    const Folder folder;
    write_bytes(
        folder / "net.pth",
        pickled::checkpoint(pickled::dict({{"model", pickled::dict({{"w\x1b[31m", pickled::Tensor{}.piece()},
                                                                    {"n", pickled::number(1)}})},
                                           {"epoch", pickled::number(3)}}),
                            {}));
    const auto text = run_spectile({"convert", folder / "net.pth", "--list"});
    EXPECT_EQ(text.status, 0) << text.err;
    EXPECT_THAT(text.out,
                AllOf(HasSubstr("\"w\\u001b[31m\"  F32  [4]"), HasSubstr("epoch\": 3"),
                      HasSubstr("a whole number, not a tensor"), HasSubstr("1 tensors, 4 elements")));
    const auto document = json::parse(run_spectile({"convert", folder / "net.pth", "--list", "--json"}).out);
    EXPECT_EQ(document["wrapper"], "model");
    EXPECT_EQ(document["facts"]["epoch"], 3);
    EXPECT_EQ(document["tensors"][0]["shape"], json({4}));
    EXPECT_THAT(folder.names(), ElementsAre("net.pth"));
}

}  // namespace
}  // namespace spectile::test
