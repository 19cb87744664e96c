// From a pretrained encoder to a map: the project's own, and the same weights as a published checkpoint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/a_pretraining.hpp"
#include "support/checkpoint_file.hpp"
#include "weights/safetensors.hpp"

namespace spectile::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kParameters =
    R"({"task": "pretraining", "side": 16, "bands": 6, "group": 3, "embed": 24, "depth": 2, "heads": 3, )"
    R"("decoder_embed": 16, "decoder_depth": 1, "decoder_heads": 2})";

class FineTuning : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder / "data");
        for (const int n : {1, 2}) write_wave(folder / ("data/" + std::to_string(n)), n);
        write_labels("train", 0);
        write_labels("test", kSide / 2);
        folder.write("data/scenes.csv", "path,role,crops\n1.dat,,8\n2.dat,,8\n");
        const auto definition = folder.write(
            "pretrain.yaml",
            "spectile: 1\noutput: own\narchitecture: spectral_gpt\nparameters: {embed: 24, depth: 2, heads: "
            "3, "
            "decoder_embed: 16, decoder_depth: 1, decoder_heads: 2, mask_ratio: 0.75}\nprepare: [{min_max: "
            "{from: scene}}]\n"
            "pretraining: {index: data/scenes.csv, batch: 4, base_learning_rate: 0.2, stages: [{side: 16, "
            "epochs: 2}]}\n");
        const auto outcome = run_spectile({"train", definition}, 300);
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    /// Two classes in the 20 columns from `first` on, 0 elsewhere.
    void write_labels(const std::string& name, int first) const {
        std::string values;
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x)
                values +=
                    static_cast<char>(x < first || x >= first + kSide / 2 ? 0 : 1 + (x / 4 + y / 4) % 2);
        std::ofstream(folder / ("data/" + name + ".dat"), std::ios::binary) << values;
        std::ofstream(folder / ("data/" + name + ".hdr"))
            << "ENVI\nsamples = 40\nlines = 40\nbands = 1\ndata type = 1\ninterleave = bsq\nbyte order = 0\n";
    }
    /// The own encoder's weights as pretraining saves them: `model` beside the optimiser's state, the epoch
    /// and the command line.
    std::string published() const {
        const auto file = weights::SafeTensors::open(folder / "own/weights.safetensors");
        std::vector<std::string> storages;
        pickled::Pairs tensors;
        for (const auto& [key, view] : file.tensors()) {
            std::vector<std::int64_t> strides(view.shape.size());
            std::int64_t stride = 1;
            for (std::size_t axis = strides.size(); axis-- > 0; stride *= view.shape[axis])
                strides[axis] = stride;
            tensors.emplace_back(key, pickled::Tensor{.storage = std::to_string(storages.size()),
                                                      .elements = static_cast<std::int64_t>(view.elements()),
                                                      .shape = view.shape,
                                                      .strides = strides}
                                          .piece());
            storages.emplace_back(reinterpret_cast<const char*>(view.data.data()), view.data.size());
        }
        const auto arguments = pickled::global("argparse", "Namespace") + ")\x81" +
                               pickled::dict({{"model", pickled::text("mae_vit_base_patch8_128")},
                                              {"input_size", pickled::number(16)}}) +
                               "b";
        const auto bytes =
            pickled::checkpoint(pickled::dict({{"model", pickled::ordered_dict(tensors)},
                                               {"optimizer", pickled::dict({{"state", pickled::dict({})}})},
                                               {"epoch", pickled::number(199)},
                                               {"args", arguments}}),
                                storages);
        const auto path = folder / "SpectralGPT.pth";
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    /// A segmentation that begins from `start`, at twice the encoder's side.
    Outcome tune(const std::string& start, const std::string& output) const {
        const auto definition = folder.write(
            output + ".yaml",
            "spectile: 1\nname: tuned\noutput: " + output + "\nstart: " + start +
                "\nparameters: {side: 32, head_channels: 128, head_width: 16}\nscene: data/1.dat\n"
                "labels: {path: data/train.dat, test: data/test.dat, ignore: 0}\nclasses: [one, two]\n"
                "split: {by: given}\nrecipe: {epochs: 2, crops: 4, batch: 2, learning_rate: 0.003, keep: "
                "last}\n");
        return run_spectile({"train", definition, "--json"}, 300);
    }
    weights::SafeTensors weights_of(const std::string& model) const {
        return weights::SafeTensors::open(folder / (model + "/weights.safetensors"));
    }
    const Folder folder;
};

TEST_F(FineTuning, APublishedCheckpointBeginsATrainingAsTheEncoderItWasWrittenFrom) {
    const auto own = tune("own", "from_own");
    ASSERT_EQ(own.status, 0) << own.err;
    // Beside the files, as people type it.
    const auto converted =
        run({"env", "-C", folder / "", built("spectile"), "convert", published(), "-o", "published",
             "--architecture", "spectral_gpt", "--set", "parameters=" + kParameters, "--set", "bands=6",
             "--set", "matching={by: position}", "--set", "prepare=[{min_max: {from: scene}}]", "--json"});
    ASSERT_EQ(converted.status, 0) << converted.err;
    EXPECT_EQ(json::parse(converted.out)["unexpected"], json::array());
    EXPECT_THAT(run_spectile({"info", folder / "published"}).out, HasSubstr("the `start` of trainings"));
    const auto tuned = tune("published", "from_published");
    ASSERT_EQ(tuned.status, 0) << tuned.err;
    const auto ours = weights_of("from_own"), theirs = weights_of("from_published");
    ASSERT_EQ(ours.tensors().size(), theirs.tensors().size());
    for (const auto& [key, view] : ours.tensors())
        EXPECT_TRUE(std::ranges::equal(view.data, theirs.at(key).data)) << key;
    const auto start = json::parse(run_spectile({"info", folder / "from_published", "--json"}).out)
                           .at("training")
                           .at("start");
    EXPECT_THAT(start.at("taken").dump(), HasSubstr("\"blocks.1.mlp.fc2.weight\""));
    EXPECT_THAT(start.at("taken").dump(), HasSubstr("\"pos_embed_spatial\"")) << "resized";
    EXPECT_THAT(start.at("new").dump(), HasSubstr("\"decoder.fuse_all.0.weight\""));
    const auto pipeline = folder.write("map.yaml",
                                       "spectile: 1\nscene: data/2.dat\nmodel: from_published\n"
                                       "products:\n  class_map: {path: map.tif}\n");
    const auto map = run_spectile({"run", pipeline});
    ASSERT_EQ(map.status, 0) << map.err;
    EXPECT_EQ(run_spectile({"verify", folder / "map.tif"}).status, 0);
}

TEST_F(FineTuning, AnEncoderOfOtherSizesIsRefusedInOneLine) {
    auto parameters = kParameters;
    parameters.replace(parameters.find("\"depth\": 2"), 10, "\"depth\": 3");
    const auto converted = run_spectile({"convert", published(), "-o", folder / "published", "--architecture",
                                         "spectral_gpt", "--set", "parameters=" + parameters});
    EXPECT_EQ(converted.status, 78);
    EXPECT_THAT(converted.messages(), testing::ElementsAre(HasSubstr("missing: blocks.2.")));
}

}  // namespace
}  // namespace spectile::test
