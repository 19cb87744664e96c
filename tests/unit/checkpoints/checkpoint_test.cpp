#include "checkpoints/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/checkpoint_reading.hpp"

namespace spectile::test {
namespace {

using namespace pickled;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const std::string kFour = floats({1, 2, 3, 4});

TEST(Checkpoint, WeightsAreFoundUnderModelThenStateDictThenOnTop) {
    const auto weights = ordered_dict({{"w", Tensor{}.piece()}});
    EXPECT_EQ(
        parsed(checkpoint(dict({{"epoch", number(3)}, {"state_dict", "}"}, {"model", weights}}), {kFour}))
            .wrapper(),
        "model");
    EXPECT_EQ(parsed(checkpoint(dict({{"state_dict", weights}}), {kFour})).wrapper(), "state_dict");
    EXPECT_EQ(parsed(checkpoint(weights, {kFour})).wrapper(), "");
    // A network saved whole is no dictionary.
    const auto object = call(global("nets", "Net"), {});
    EXPECT_EQ(parsed(checkpoint(dict({{"model", object}, {"state_dict", weights}}), {kFour})).wrapper(),
              "state_dict");
}

TEST(Checkpoint, FromNamesAnotherDictionary) {
    const auto state = dict({{"exp_avg", Tensor{}.piece()}});
    const std::string by_number = "}" + number(0) + state + "s";
    const auto file = checkpoint(
        dict({{"model", "}"}, {"optimizer", dict({{"state", by_number}})}, {"a.b", dict({{"c", state}})}}),
        {kFour});
    EXPECT_THAT(numbers_of(parsed(file, "optimizer.state.0"), "exp_avg"), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(parsed(file, "a.b.c").keys(), ElementsAre("exp_avg"));
    EXPECT_THAT(parsed(file).keys(), IsEmpty());
    EXPECT_THAT(refusal_of(file, "optimizer.state.1"),
                HasSubstr("is not there; the top level has \"model\""));
    EXPECT_THAT(refusal_of(file, "optimizer.state.0.exp_avg"),
                HasSubstr("_rebuild_tensor_v2\", not a dictionary"));
}

TEST(Checkpoint, OnlyALeadingModuleIsTakenOff) {
    const auto tensor = Tensor{}.piece();
    EXPECT_THAT(
        parsed(checkpoint(dict({{"module.a", tensor}, {"a.module.b", tensor}, {"module.module.c", tensor}}),
                          {kFour}))
            .keys(),
        ElementsAre("a", "a.module.b", "module.c"));
    EXPECT_THAT(refusal_of(checkpoint(dict({{"module.a", tensor}, {"a", tensor}}), {kFour})),
                HasSubstr("the key \"a\" occurs twice"));
}

TEST(Checkpoint, FactsBesideTheWeightsAreHandedOn) {
    const auto arguments = global("argparse", "Namespace") + ")\x81" +
                           dict({{"model", text("vit")}, {"input_size", number(96)}, {"bands", list({})}}) +
                           "b";
    const auto file = checkpoint(
        dict({{"model", dict({{"w", Tensor{}.piece()}})}, {"epoch", number(199)}, {"args", arguments}}),
        {kFour});
    EXPECT_THAT(parsed(file).facts(), ElementsAre(Pair("args.input_size", "96"),
                                                  Pair("args.model", "\"vit\""), Pair("epoch", "199")));
}

TEST(Checkpoint, BothContainersAndZip64GiveTheSame) {
    const auto object =
        dict({{"model",
               ordered_dict({{"w", Tensor{.elements = 4, .shape = {2, 2}, .strides = {1, 2}}.piece()}})}});
    for (const auto& file : {checkpoint(object, {kFour}), checkpoint(object, {kFour}, /*zip64=*/true),
                             legacy(object, {{4, kFour}})})
        EXPECT_THAT(numbers_of(parsed(file), "w"), ElementsAre(1, 3, 2, 4));
    EXPECT_EQ(parsed(legacy(object, {{4, kFour}})).container(), "legacy");
}

TEST(Checkpoint, StorageViewsOfLegacyFilesAreFollowed) {
    const auto view = [](std::int64_t begin, std::int64_t size) {
        const auto storage = tuple({text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"),
                                    number(4), tuple({text("view"), number(begin), number(size)})}) +
                             "Q";
        const auto tensor =
            call(global("torch._utils", "_rebuild_tensor"), {storage, number(1), numbers({2}), numbers({1})});
        return legacy(dict({{"w", tensor}}), {{4, kFour}});
    };
    EXPECT_THAT(numbers_of(parsed(view(1, 3)), "w"), ElementsAre(3, 4));
    EXPECT_THAT(refusal_of(view(2, 2)), HasSubstr("reaches beyond its storage of 2"));
    EXPECT_THAT(refusal_of(view(2, 3)), HasSubstr("leaves the storage"));
}

TEST(Checkpoint, AnEmptyStorageNeedsNoEntry) {
    const Tensor empty{.storage = "9", .elements = 0, .shape = {0, 3}, .strides = {3, 1}};
    EXPECT_THAT(numbers_of(parsed(checkpoint(dict({{"w", empty.piece()}}), {})), "w"), IsEmpty());
}

TEST(Checkpoint, MissingFilesAndFoldersAreNamed) {
    const auto code_of = [](const std::string& path) {
        try {
            checkpoints::Checkpoint::open(path);
        } catch (const Error& e) {
            EXPECT_THAT(e.what(), HasSubstr(path));
            return e.code();
        }
        return Code::internal;
    };
    EXPECT_EQ(code_of("no/such.pth"), Code::missing);
    EXPECT_EQ(code_of("/"), Code::model);
    EXPECT_EQ(code_of("/dev/null"), Code::model);
}

}  // namespace
}  // namespace spectile::test
