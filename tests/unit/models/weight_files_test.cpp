#include "models/networks/weight_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/checksum.hpp"
#include "models/entries/spectral_mamba_config.hpp"
#include "models/networks/registry.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

using testing::HasSubstr;

const std::string kParameters = R"({"bands": 7, "classes": 3, "piece_len": 3, "d_model": 4, "d_state": 3})";

class WeightFiles : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder_);
        card_.file = (folder_ / "model.yaml").string();
        card_.architecture = "spectral_mamba";
        card_.parameters = kParameters;
        card_.weights = (folder_ / "weights.safetensors").string();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    static std::string config() {
        return entries::to_json(entries::parse_spectral_mamba(kParameters, "test"));
    }

    void save(const std::string& stored_config) {
        save_weights(card_.weights, *make_network("spectral_mamba", kParameters, 3),
                     {{"config", stored_config}});
        card_.weights_sha256 = sha256_of_file(card_.weights);
    }

    /// Writes the network's weights after `change`, without a hash in the card.
    template <typename Change>
    void save_changed(Change change) {
        save(config());
        const auto file = weights::SafeTensors::open(card_.weights);
        auto tensors = file.tensors();
        change(tensors);
        weights::write_safetensors(card_.weights, tensors, file.metadata());
        card_.weights_sha256.clear();
    }

    std::pair<Code, std::string> failure() {
        try {
            network_entry("spectral_mamba").load(card_, "cpu");
        } catch (const Error& e) {
            EXPECT_THAT(e.what(), testing::Not(HasSubstr("\n")));
            return {e.code(), e.what()};
        }
        return {Code::internal, "loaded"};
    }

    ModelCard card_;

private:
    std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) / ("weights_" + std::to_string(::getpid()));
};

TEST_F(WeightFiles, SavedWeightsLoadAndReadBack) {
    save(config());
    EXPECT_EQ(failure().second, "loaded");
    const auto other = make_network("spectral_mamba", kParameters, 4),
               same = make_network("spectral_mamba", kParameters, 3);
    copy_weights(weights::SafeTensors::open(card_.weights), *other);
    const auto ours = other->tensors(), theirs = same->tensors();
    for (std::size_t i = 0; i < ours.size(); ++i)
        EXPECT_TRUE(ours[i].tensor.equal(theirs[i].tensor)) << ours[i].name;
}

TEST_F(WeightFiles, AbsentFileIsAModelError) {
    const auto [code, message] = failure();
    EXPECT_EQ(code, Code::model);
    EXPECT_THAT(message, HasSubstr("weights.safetensors is not there"));
}

TEST_F(WeightFiles, OtherHashIsAVerificationError) {
    save(config());
    card_.weights_sha256[0] = card_.weights_sha256[0] == 'a' ? 'b' : 'a';
    EXPECT_EQ(failure().first, Code::verification);
}

TEST_F(WeightFiles, EveryKeyThatDoesNotFitIsNamed) {
    save_changed([](auto& tensors) {
        tensors["surplus.weight"] = tensors.at("norm.bias");
        tensors.erase("blocks.0.mixer.A_log");
        tensors.at("head.weight").shape = {4, 3};
    });
    const auto [code, message] = failure();
    EXPECT_EQ(code, Code::model);
    EXPECT_THAT(
        message,
        HasSubstr("missing: blocks.0.mixer.A_log; unexpected: surplus.weight; misshapen: head.weight is "
                  "F32 [4, 3], not [3, 4]"));
}

TEST_F(WeightFiles, ConfigurationOfTheWeightsMustBeTheCards) {
    save(entries::to_json(entries::parse_spectral_mamba(
        R"({"bands": 7, "classes": 3, "piece_len": 3, "d_model": 4, "d_state": 3, "gssm_padding": "halo"})",
        "test")));
    const auto [code, message] = failure();
    EXPECT_EQ(code, Code::model);
    EXPECT_THAT(message, HasSubstr("was trained with gssm_padding \"halo\""));
}

TEST_F(WeightFiles, WeightsWithoutConfigurationAreRefused) {
    save_weights(card_.weights, *make_network("spectral_mamba", kParameters, 3), {});
    EXPECT_THAT(failure().second, HasSubstr("hold no config"));
}

}  // namespace
}  // namespace spectile::networks
