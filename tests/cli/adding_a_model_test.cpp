// The example of docs/ADDING_A_MODEL.md does what the page says.
#include <gtest/gtest.h>

#include "cli/spawn.hpp"
#include "models/networks/registry.hpp"
#include "spectile/error.hpp"
#include "weights/safetensors.hpp"

namespace spectile {

ModelEntry linear_spectra();
namespace networks {
NetworkEntry linear_spectra();
}

namespace {

std::span<const std::byte> bytes_of(const std::vector<float>& values) {
    return std::as_bytes(std::span(values));
}

/// Two bands, two classes: the brighter band wins.
ModelCard card_in(const test::Folder& folder) {
    const std::vector<float> weight = {4, -4, -4, 4}, bias = {0, 0};
    using weights::ElementType;
    weights::write_safetensors(folder / "weights.safetensors",
                               {{"weight", {ElementType::F32, {2, 2}, bytes_of(weight)}},
                                {"bias", {ElementType::F32, {2}, bytes_of(bias)}}},
                               {});
    ModelCard card;
    card.file = folder / "model.yaml";
    card.weights = folder / "weights.safetensors";
    card.bands = {{"blue", 480.0, {}}, {"red", 660.0, {}}};
    card.classes = {{1, "bluish", {}}, {2, "reddish", {}}};
    return card;
}

void serially(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = 0; i < count; ++i) body(i);
}

TEST(AddingAModel, EntryChecksTheCard) {
    const test::Folder folder;
    auto card = card_in(folder);
    const auto traits = linear_spectra().traits(card);
    EXPECT_EQ(traits.channels, 2);
    EXPECT_EQ(traits.halo, 0);
    card.parameters = R"({"bands": 3})";
    EXPECT_THROW(linear_spectra().traits(card), Error);
}

TEST(AddingAModel, NetworkLabelsPixelsAndKeepsTheMask) {
    const test::Folder folder;
    const auto model = networks::linear_spectra().load(card_in(folder), "cpu");
    std::vector<Cube> cubes(1);
    cubes[0].reset({0, 0, 2, 2}, 2);
    cubes[0].values = {1, 0, 1, 0, /*red*/ 0, 1, 0, 1};
    cubes[0].valid = {1, 1, 0, 1};
    std::vector<Prediction> out(1);
    model->start()->predict(cubes, out, serially);
    EXPECT_GT(out[0].channel(0)[0], 0.99f);
    EXPECT_GT(out[0].channel(1)[1], 0.99f);
    EXPECT_EQ(out[0].valid, cubes[0].valid);
}

TEST(AddingAModel, NetworkCanBeTrained) {
    const auto network = networks::linear_spectra().make(R"({"bands": 3, "classes": 2})", 1);
    EXPECT_EQ(network->window(), 1);
    ASSERT_EQ(network->tensors().size(), 2u);
    EXPECT_TRUE(network->tensors()[0].tensor.requires_grad());
}

}  // namespace
}  // namespace spectile
