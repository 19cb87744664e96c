// Model cards from items: ours give the same card again, others' TorchScript a card that can run.
#include "stac/read_model_item.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "spectile/error.hpp"
#include "stac/model_item.hpp"
#include "unit/stac/a_card.hpp"

namespace spectile::stac {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// An item as somebody else would write it: TorchScript, three bands, two classes.
json foreign() {
    return json::parse(
        R"({"type": "Feature", "stac_version": "1.0.0", "id": "unet", "geometry": null, "links": [],
      "properties": {"mlm:name": "U-Net", "description": "Fields.", "license": "MIT",
        "mlm:input": [{"name": "in", "bands": ["B4", "B3", "B8"],
          "input": {"shape": [-1, 3, 256, 256], "dim_order": ["batch", "bands", "height", "width"],
                    "data_type": "float32"},
          "value_scaling": [{"type": "z-score", "mean": 0, "stddev": 3000}], "pre_processing_function": null}],
        "mlm:output": [{"name": "out", "tasks": ["semantic-segmentation"],
          "result": {"shape": [-1, 2, 256, 256], "dim_order": ["batch", "class", "height", "width"],
                     "data_type": "float32"},
          "classification:classes": [{"value": 0, "name": "none"},
            {"value": 1, "name": "field_crop", "title": "field crop", "color_hint": "00FF7F"}]}]},
      "assets": {"model": {"href": "./unet.pt", "roles": ["mlm:model"], "mlm:artifact_type": "torch.jit.save",
        "eo:bands": [{"name": "B4", "center_wavelength": 0.665}, {"name": "B3", "center_wavelength": 0.56},
                     {"name": "B8", "center_wavelength": 0.842}]}}})");
}

std::string message(const json& item) {
    try {
        read_model_item(item.dump(), "item.json", false);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::model);
        return error.what();
    }
    return "accepted";
}

TEST(MlmItems, OfOursGiveTheSameCard) {
    const auto card = test::a_card();
    const ModelFacts facts{.traits = {.task = card.task, .channels = 2},
                           .parameters = {},
                           .card = {"/models/m/model.yaml", 1, std::string(64, 'c')},
                           .weights = ModelFile{card.weights, 2, std::string(64, 'a')},
                           .selftest = {}};
    const auto imported = read_model_item(model_item_text(card, facts, "/i/m.json"), "/i/m.json", false);
    ASSERT_EQ(imported.files.size(), 1u);
    EXPECT_EQ(imported.files[0].href, "../models/m/weights.safetensors");
    EXPECT_EQ(imported.files[0].name, "weights.safetensors");
    EXPECT_EQ(imported.files[0].sha256, std::string(64, 'a'));
    const json canonical = json::parse(card.canonical), made = imported.card;
    for (const auto& [key, value] : made.items()) EXPECT_EQ(value, canonical.at(key)) << key;
    for (const char* key : {"bands", "classes", "prepare", "weights", "parameters", "name"})
        EXPECT_TRUE(made.contains(key)) << key;
}

TEST(MlmItems, OfOthersGiveATorchscriptCard) {
    const auto imported = read_model_item(foreign().dump(), "item.json", false);
    const json expected = json::parse(R"({"spectile": 1, "name": "U-Net", "summary": "Fields.",
      "task": "segmentation", "architecture": "torchscript", "licence": "MIT", "nodata": 255,
      "classes": [{"value": 0, "name": "none"}, {"value": 1, "name": "field crop", "color": "#00FF7F"}],
      "matching": {"by": "wavelength"}, "parameters": {"input": [3, 256, 256]},
      "bands": [{"name": "B4", "wavelength": 665.0}, {"name": "B3", "wavelength": 560.0},
                {"name": "B8", "wavelength": 842.0}],
      "prepare": [{"standardise": {"mean": 0.0, "std": 3000.0}}]})");
    EXPECT_EQ(json(imported.card), expected);
    EXPECT_TRUE(imported.torchscript_of_others);
    EXPECT_EQ(imported.files.at(0).name, "network.pt");
    EXPECT_EQ(imported.files.at(0).href, "./unet.pt");
}

TEST(MlmItems, ScalingsBecomeSteps) {
    const auto steps = [](const char* scaling) {
        auto item = foreign();
        item["properties"]["mlm:input"][0]["value_scaling"] = json::parse(scaling);
        return json(read_model_item(item.dump(), "item.json", false).card).value("prepare", json()).dump();
    };
    EXPECT_EQ(steps("null"), "null");
    EXPECT_EQ(steps(R"([{"type": "min-max", "minimum": 1, "maximum": 9}])"),
              R"([{"min_max":{"max":9.0,"min":1.0}}])");
    EXPECT_EQ(steps(R"([{"type": "clip", "minimum": 1, "maximum": 9}])"),
              R"([{"clip":{"max":9.0,"min":1.0}}])");
    EXPECT_EQ(steps(R"([{"type": "offset", "value": 4}])"), R"([{"scale":{"offset":-4.0}}])");
    EXPECT_EQ(steps(R"([{"type": "scale", "value": 4}])"), R"([{"scale":{"factor":0.25}}])");
    EXPECT_EQ(steps(R"([{"type": "offset", "value": 1}, {"type": "offset", "value": 2},
                        {"type": "offset", "value": 3}])"),
              R"([{"scale":{"offset":[-1.0,-2.0,-3.0]}}])");
}

TEST(MlmItems, WhatIsMissingIsNamed) {
    const auto without = [](const char* pointer, const json& value) {
        auto item = foreign();
        item[json::json_pointer(pointer)] = value;
        return message(item);
    };
    const std::string in = "/properties/mlm:input/0/", out = "/properties/mlm:output/0/";
    EXPECT_THAT(without("/assets/model/mlm:artifact_type", "torch.save"),
                AllOf(StartsWith("item.json: asset 'model' is torch.save"), HasSubstr("torch.jit.save")));
    EXPECT_THAT(without("/assets/model/roles", json::array()), HasSubstr("no asset has the role mlm:model"));
    EXPECT_THAT(without("/assets/model/href", ""), HasSubstr("no asset 'model' with an href"));
    EXPECT_THAT(without("/properties/mlm:name", ""), HasSubstr("no mlm:name"));
    EXPECT_THAT(without("/properties/mlm:input", json::array()), HasSubstr("mlm:input: expected one entry"));
    EXPECT_THAT(without((out + "result/dim_order").c_str(), {"batch", "class"}), HasSubstr("dim_order"));
    EXPECT_THAT(without((in + "input/data_type").c_str(), "uint8"), HasSubstr("float32"));
    EXPECT_THAT(without((in + "input/shape").c_str(), {-1, 4, 256, 256}),
                HasSubstr("names 3 bands and has 4"));
    EXPECT_THAT(
        without((in + "pre_processing_function").c_str(), {{"format", "python"}, {"expression", "f"}}),
        HasSubstr("--set prepare="));
    EXPECT_THAT(without((in + "value_scaling").c_str(), json::parse(R"([{"type": "processing"}])")),
                HasSubstr("no preparation step does 'processing'"));
    EXPECT_THAT(without((out + "tasks").c_str(), {"image-captioning"}), HasSubstr("image-captioning"));
    EXPECT_THAT(without("/properties/mlm:name", 7), HasSubstr("no mlm:name"));
    EXPECT_THAT(without((in + "input").c_str(), 7), HasSubstr("is not of the MLM extension's form"));
    EXPECT_THAT(message(json::array()), HasSubstr("is no STAC item"));
}

TEST(MlmItems, PublishedOnesWithoutTorchscriptSaySo) {
    const std::string folder = SPECTILE_SOURCE_DIR "/../shared/schemas/stac/examples/";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
    for (const char* name : {"mlm_item_pytorch_geo_unet.json", "mlm_item_raster_bands.json"}) {
        std::ifstream file(folder + name);
        auto item = json::parse(file);
        EXPECT_THAT(message(item), HasSubstr("is torch.save, and only TorchScript"));
        // Were it TorchScript: their outputs give one label for all, no map.
        for (auto& asset : item["assets"])
            if (asset.contains("mlm:artifact_type")) asset["mlm:artifact_type"] = "torch.jit.save";
        EXPECT_THAT(message(item), HasSubstr("mlm:output[0].result: dim_order"));
    }
}

TEST(MlmItems, AGivenPreparationStandsInForAFunction) {
    auto item = foreign();
    item["properties"]["mlm:input"][0]["pre_processing_function"] = {{"format", "python"},
                                                                     {"expression", "f"}};
    EXPECT_FALSE(read_model_item(item.dump(), "item.json", true).card.contains("prepare"));
}

}  // namespace
}  // namespace spectile::stac
