#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "golden/golden_case.hpp"
#include "models/networks/spectral_gpt/weight_layout.hpp"

namespace spectile::networks {
namespace {

using namespace spectile::test;

struct Published {
    const char* file;
    const char* parameters;
};

void PrintTo(const Published& published, std::ostream* out) { *out << published.file; }

class SpectralGptKeys : public testing::TestWithParam<Published> {};

/// Names, shapes, order and number of the official networks' tensors.
TEST_P(SpectralGptKeys, AreThePublishedOnes) {
    SKIP_WITHOUT_GOLDENS();
    const auto path =
        golden_root() / "spectralgpt" / ("official_keys_" + std::string(GetParam().file) + ".json");
    std::ifstream in(path);
    ASSERT_TRUE(in) << path;
    const auto published = nlohmann::json::parse(in);
    const auto layout = spectral_gpt_layout(entries::parse_spectral_gpt(GetParam().parameters, "test"));
    const auto& tensors = published.at("tensors");
    ASSERT_EQ(layout.size(), tensors.size());
    EXPECT_EQ(layout.size(), published.at("n_tensors").get<std::size_t>());
    std::int64_t parameters = 0;
    for (std::size_t i = 0; i < layout.size(); ++i) {
        auto key = tensors[i].at("key").get<std::string>();
        if (key.starts_with("module.")) key = key.substr(7);
        EXPECT_EQ(layout[i].name, key);
        EXPECT_EQ(layout[i].shape, tensors[i].at("shape").get<std::vector<std::int64_t>>()) << key;
        std::int64_t elements = 1;
        for (const auto size : layout[i].shape) elements *= size;
        parameters += elements;
    }
    EXPECT_EQ(parameters, published.at("n_parameters").get<std::int64_t>());
}

INSTANTIATE_TEST_SUITE_P(
    Every, SpectralGptKeys,
    testing::Values(Published{"pretrain_base_96", R"({"task": "pretraining", "side": 96})"},
                    Published{"pretrain_base_128", R"({"task": "pretraining"})"},
                    Published{"classification_base_128",
                              R"({"task": "classification", "classes": 10, "pos_embed": "full"})"},
                    Published{"classification_base_128_sep", R"({"task": "classification", "classes": 10})"},
                    Published{"segmentation_base_128", R"({"task": "segmentation"})"},
                    Published{"change_base_128", R"({"task": "change"})"}),
    [](const auto& published) { return std::string(published.param.file); });

}  // namespace
}  // namespace spectile::networks
