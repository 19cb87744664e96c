#include "products/raster_product.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "products_fixture.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct RasterProducts : testing::Test {
    ModelCard card = landcover_card();
    ModelTraits traits;
    SceneInfo scene;
    std::vector<BandInfo> bands;
    bool lossy = false;

    RasterProducts() {
        traits.task = Task::classification;
        traits.channels = 3;
        scene.name = "scene.hdr";
    }
    std::unique_ptr<RasterProduct> make(const std::string& kind, const std::string& parameters = "{}") {
        ProductDefinition definition;
        definition.kind = kind;
        definition.parameters = parameters;
        definition.mark = {"pipeline.yaml", 12};
        return make_raster_product(definition, {card, traits, scene, bands, lossy});
    }
    Error refused(const std::string& kind, const std::string& parameters = "{}") {
        try {
            make(kind, parameters);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << kind << " " << parameters << " was accepted";
        return Error(Code::internal, "");
    }
    void make_identity(std::vector<DataType> types) {
        traits.task = Task::bands;
        traits.channels = 0;
        bands.clear();
        for (const auto type : types) {
            bands.emplace_back();
            bands.back().type = type;
        }
    }
};

TEST_F(RasterProducts, ClassMapMapsChannelsToCardValuesAndTiesToTheFirst) {
    const Window window{10, 20, 4, 1};
    const float table[3][4] = {{0.2f, 0.4f, kNan, 0.1f}, {0.5f, 0.4f, 0.1f, 0.2f}, {0.3f, 0.2f, 0.9f, 0.7f}};
    auto prediction = prediction_of(window, 3, [&](int c, std::size_t i) { return table[c][i]; });
    prediction.valid[3] = 0;
    EXPECT_THAT(encoded<std::uint8_t>(*make("class_map"), prediction, window), ElementsAre(3, 1, 4, 0));
}

TEST_F(RasterProducts, ClassMapEncodesOnlyTheWindowAsked) {
    const auto prediction = prediction_of({0, 0, 3, 3}, 3, [](int c, std::size_t i) {
        return i == 4 && c == 2 ? 1.f : c == 0 ? .5f : 0.f;
    });
    EXPECT_THAT(encoded<std::uint8_t>(*make("class_map"), prediction, {1, 0, 2, 2}), ElementsAre(1, 1, 4, 1));
}

TEST_F(RasterProducts, ClassMapDescribesClassesDenselyFromZero) {
    const auto format = make("class_map")->format();
    EXPECT_THAT(format.categories, ElementsAre("nodata", "water", "", "forest & \"wood\"", "soil"));
    EXPECT_EQ(format.colors[0][3], 0);
    EXPECT_THAT(format.colors[4], ElementsAre(160, 90, 40, 255));
    EXPECT_EQ(format.overviews, OverviewResampling::mode);
    EXPECT_EQ(format.nodata, 0);
}

TEST_F(RasterProducts, ClassMapTakesSixteenBitsAbove254) {
    EXPECT_EQ(make("class_map")->format().type, DataType::Byte);
    card.classes[2].value = 300;
    const auto product = make("class_map");
    EXPECT_EQ(product->format().type, DataType::UInt16);
    const auto prediction =
        prediction_of({0, 0, 1, 1}, 3, [](int c, std::size_t) { return static_cast<float>(c); });
    EXPECT_THAT(encoded<std::uint16_t>(*product, prediction, {0, 0, 1, 1}), ElementsAre(300));
}

TEST_F(RasterProducts, NodataThatIsAClassIsRefused) {
    card.nodata = 3;
    const Error error = refused("class_map");
    EXPECT_EQ(error.code(), Code::model);
    EXPECT_THAT(error.what(), HasSubstr("model.yaml: nodata: 3"));
}

TEST_F(RasterProducts, ProbabilitiesAsBytesRecordTheirScale) {
    const auto product = make("probabilities", R"({"type": "uint8"})");
    EXPECT_EQ(product->format().scale, 1.0 / 254);
    EXPECT_EQ(product->format().nodata, 255);
    EXPECT_THAT(product->format().band_names, ElementsAre("water", "forest & \"wood\"", "soil"));
    auto prediction =
        prediction_of({0, 0, 2, 1}, 3, [](int c, std::size_t) { return static_cast<float>(c) / 2; });
    prediction.valid[1] = 0;
    EXPECT_THAT(encoded<std::uint8_t>(*product, prediction, {0, 0, 2, 1}),
                ElementsAre(0, 255, 127, 255, 254, 255));
}

TEST_F(RasterProducts, ProbabilitiesAreFloatByDefaultWithNodataOutsideTheirRange) {
    const auto product = make("probabilities");
    auto prediction =
        prediction_of({0, 0, 2, 1}, 3, [](int c, std::size_t) { return static_cast<float>(c) / 2; });
    prediction.valid[0] = 0;
    EXPECT_THAT(encoded<float>(*product, prediction, {0, 0, 2, 1}), ElementsAre(-1, 0, -1, .5f, -1, 1));
}

TEST_F(RasterProducts, ConfidenceMeasuresAreWithinZeroAndOne) {
    const float table[3][2] = {{0.7f, 1.f / 3}, {0.2f, 1.f / 3}, {0.1f, 1.f / 3}};
    const auto prediction = prediction_of({0, 0, 2, 1}, 3, [&](int c, std::size_t i) { return table[c][i]; });
    const auto max = encoded<float>(*make("confidence"), prediction, prediction.window);
    EXPECT_THAT(max, ElementsAre(0.7f, 1.f / 3));
    const auto margin =
        encoded<float>(*make("confidence", R"({"measure": "margin"})"), prediction, prediction.window);
    EXPECT_NEAR(margin[0], 0.5, 1e-6);
    EXPECT_EQ(margin[1], 0);
    const auto entropy =
        encoded<float>(*make("confidence", R"({"measure": "entropy"})"), prediction, prediction.window);
    const double expected =
        -(0.7 * std::log(0.7) + 0.2 * std::log(0.2) + 0.1 * std::log(0.1)) / std::log(3.0);
    EXPECT_NEAR(entropy[0], expected, 1e-6);
    EXPECT_NEAR(entropy[1], 1, 1e-6);
}

TEST_F(RasterProducts, ConfidenceOfOneChannelCountsItsComplement) {
    traits.channels = 1;
    const auto prediction =
        prediction_of({0, 0, 2, 1}, 1, [](int, std::size_t i) { return i ? 0.9f : 0.2f; });
    const auto margin =
        encoded<float>(*make("confidence", R"({"measure": "margin"})"), prediction, prediction.window);
    EXPECT_NEAR(margin[0], 0.6, 1e-6);
    EXPECT_NEAR(margin[1], 0.8, 1e-6);
}

TEST_F(RasterProducts, MaskIsStrictlyAboveItsThreshold) {
    traits.task = Task::detection;
    traits.channels = 1;
    auto prediction =
        prediction_of({0, 0, 4, 1}, 1, [](int, std::size_t i) { return static_cast<float>(i) / 4; });
    prediction.valid[0] = 0;
    EXPECT_THAT(encoded<std::uint8_t>(*make("mask"), prediction, prediction.window),
                ElementsAre(255, 0, 0, 1));
    EXPECT_THAT(encoded<std::uint8_t>(*make("mask", R"({"threshold": 0.2})"), prediction, prediction.window),
                ElementsAre(255, 1, 1, 1));
}

TEST_F(RasterProducts, BandsKeepTypeAndNodataOfTheScene) {
    make_identity({DataType::Int16, DataType::Int16});
    bands[0].nodata = bands[1].nodata = -32768;
    const auto product = make("bands");
    EXPECT_EQ(product->format().type, DataType::Int16);
    auto prediction =
        prediction_of({0, 0, 2, 1}, 2, [](int c, std::size_t i) { return -300.f * (c + 1) + i; });
    prediction.valid[1] = 0;
    EXPECT_THAT(encoded<std::int16_t>(*product, prediction, prediction.window),
                ElementsAre(-300, -32768, -600, -32768));
}

TEST_F(RasterProducts, BandsOfMixedTypesBecomeFloat) {
    make_identity({DataType::Byte, DataType::Int16});
    EXPECT_EQ(make("bands")->format().type, DataType::Float32);
}

TEST_F(RasterProducts, BandsThatFloatCannotHoldAreRefusedUnlessLossy) {
    make_identity({DataType::Byte, DataType::Int32});
    const Error error = refused("bands");
    EXPECT_EQ(error.code(), Code::scene);
    EXPECT_THAT(error.what(), HasSubstr("scene.hdr: band 2 is Int32"));
    lossy = true;
    EXPECT_EQ(make("bands")->format().type, DataType::Float32);
}

TEST_F(RasterProducts, UnknownKeysNameFileLineAndTheNearestKey) {
    const Error error = refused("confidence", R"({"mesure": "max"})");
    EXPECT_EQ(error.code(), Code::definition);
    EXPECT_STREQ(error.what(),
                 "pipeline.yaml:12: products.confidence: unknown key 'mesure'; did you mean 'measure'?");
    EXPECT_THAT(refused("confidence", R"({"measure": "mode"})").what(),
                HasSubstr("not one of max, margin, entropy"));
    traits.channels = 1;
    EXPECT_THAT(refused("mask", R"({"threshold": "high"})").what(), HasSubstr("is not a number"));
}

TEST_F(RasterProducts, UnknownKindsAndKindsOfOtherTasksAreRefused) {
    EXPECT_THAT(refused("class_mpa").what(), HasSubstr("did you mean 'class_map'?"));
    EXPECT_EQ(refused("bands").code(), Code::definition);
    make_identity({DataType::Byte});
    EXPECT_EQ(refused("class_map").code(), Code::definition);
}

TEST_F(RasterProducts, KindsThatAreNoRastersGiveNothing) {
    EXPECT_EQ(make("report"), nullptr);
    EXPECT_EQ(make("provenance"), nullptr);
}

}  // namespace
}  // namespace spectile::products
