#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/checkpoint_reading.hpp"

namespace spectile::test {
namespace {

using namespace pickled;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const std::string kFourNumbers = floats({1, 2, 3, 4});
const std::string kEvil = call(global("os", "system"), {text("touch owned")});

TEST(Hostile, CallsAreLeftAloneUnlessATensorIsNeededThere) {
    const auto beside = parsed(checkpoint(
        dict({{"lr_scheduler", kEvil}, {"model", dict({{"w", Tensor{}.piece()}, {"hook", kEvil}})}}),
        {kFourNumbers}));
    EXPECT_THAT(numbers_of(beside, "w"), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(beside.others(), ElementsAre(Pair("hook", "a call of \"os.system\"")));
    try {
        beside.read("hook", [](auto) {});
        FAIL() << "a call is no tensor";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::model);
        EXPECT_THAT(e.what(), HasSubstr("tensor \"hook\" is a call of \"os.system\", not a tensor"));
    }
    EXPECT_THAT(refusal_of(checkpoint(dict({{"model", kEvil}}), {})),
                AllOf(HasSubstr("holds no tensors"), HasSubstr("\"model\" is a call of \"os.system\"")));
    EXPECT_THAT(refusal_of(checkpoint(kEvil, {})),
                HasSubstr("it holds a call of \"os.system\", not a dictionary"));
}

TEST(Hostile, CallsInPlaceOfATensorsPartsAreRefused) {
    const auto rebuilt = [](const std::string& storage, const std::string& offset, const std::string& shape) {
        return refusal_of(checkpoint(dict({{"w", call(global("torch._utils", "_rebuild_tensor_v2"),
                                                      {storage, offset, shape, numbers({1}), "\x89", "}"})}}),
                                     {kFourNumbers}));
    };
    const auto storage = Tensor{}.storage_piece();
    EXPECT_THAT(rebuilt(kEvil, number(0), numbers({4})), HasSubstr("its storage is a call of \"os.system\""));
    EXPECT_THAT(rebuilt(storage, kEvil, numbers({4})), HasSubstr("its offset is a call"));
    EXPECT_THAT(rebuilt(storage, number(0), kEvil), HasSubstr("its shape is a call"));
    EXPECT_THAT(rebuilt(storage, number(0), tuple({kEvil})), HasSubstr("its shape is a call"));
    EXPECT_THAT(rebuilt(kEvil + "Q", number(0), numbers({4})), HasSubstr("something that is no storage"));
    EXPECT_THAT(
        refusal_of(checkpoint(dict({{"w", call(global("torch._utils", "_rebuild_tensor_v2"), {})}}), {})),
        HasSubstr("too few arguments"));
}

TEST(Hostile, TextsOfTheFileDoNotBreakTheMessage) {
    const std::string name = "os\x1b[31m", long_name(100'000, 'n');
    for (const auto& odd : {name, long_name, std::string("a\r\"\xff\xfe", 5)})
        EXPECT_THAT(refusal_of(checkpoint(dict({{"model", call(global(odd, "x"), {})}}), {})).size(),
                    testing::Lt(600u));
    EXPECT_THAT(refusal_of(checkpoint(dict({{"line\nbreak", kEvil}}), {})), HasSubstr("line\\nbreak"));
    EXPECT_THAT(refusal_of(checkpoint(dict({{"\xff", Tensor{}.piece()}}), {kFourNumbers})),
                HasSubstr("is not UTF-8"));
}

TEST(Hostile, KeysThatAreNoTextAreRefused) {
    EXPECT_THAT(refusal_of(checkpoint("}" + kEvil + Tensor{}.piece() + "s", {kFourNumbers})),
                HasSubstr("a key of its weights is a call of \"os.system\""));
    EXPECT_THAT(
        refusal_of(checkpoint(dict({{"w", Tensor{}.piece()}, {"w", Tensor{}.piece()}}), {kFourNumbers})),
        HasSubstr("\"w\" occurs twice"));
}

TEST(Hostile, DictionariesInThemselvesAreRead) {
    EXPECT_THAT(refusal_of(checkpoint("}q\x01" + text("model") + "h\x01s", {})),
                HasSubstr("\"model\" is a dictionary"));
    EXPECT_THAT(refusal_of(checkpoint("}q\x01" + text("a") + "h\x01s", {}), "a.a.a.a.a"),
                HasSubstr("\"a\" is a dictionary"));
    // A parameter of itself.
    const std::string parameter = global("torch._utils", "_rebuild_parameter") + "]q\x01R";
    EXPECT_THAT(refusal_of(checkpoint(dict({{"w", parameter + "q\x02" +
                                                      "h\x01h\x02"
                                                      "a0"}}),
                                      {})),
                HasSubstr("wrapped more often"));
}

TEST(Hostile, StoragesOfAnotherSizeAreRefused) {
    const auto object = dict({{"w", Tensor{}.piece()}});
    EXPECT_THAT(refusal_of(checkpoint(object, {})), HasSubstr("\"odd+name/data/0\" is not there"));
    EXPECT_THAT(refusal_of(checkpoint(object, {kFourNumbers.substr(1)})),
                HasSubstr("has 15 bytes, its tensors say 16"));
    EXPECT_THAT(refusal_of(legacy(object, {})), HasSubstr("the storage \"0\" is not there"));
    EXPECT_THAT(refusal_of(legacy(object, {{3, kFourNumbers}})),
                HasSubstr("another size than its tensors say"));
    EXPECT_THAT(refusal_of(legacy(object, {{-1, kFourNumbers}})),
                HasSubstr("another size than its tensors say"));
    EXPECT_THAT(refusal_of(legacy(object, {{4, kFourNumbers}, {4, kFourNumbers}})),
                HasSubstr("a storage that no tensor uses"));
    EXPECT_THAT(refusal_of(legacy(dict({{"w", Tensor{.elements = 1LL << 40, .shape = {1}}.piece()}}),
                                  {{1LL << 40, kFourNumbers}})),
                HasSubstr("lies beyond the end of the file"));
}

TEST(Hostile, EveryCutOfAFileIsRefused) {
    const auto object = dict({{"model", ordered_dict({{"w", Tensor{}.piece()}})}, {"epoch", number(1)}});
    for (const auto& file : {checkpoint(object, {kFourNumbers}), checkpoint(object, {kFourNumbers}, true),
                             legacy(object, {{4, kFourNumbers}})})
        for (std::size_t size = 0; size < file.size(); ++size)
            EXPECT_NE(refusal_of(file.substr(0, size)), "") << size << " of " << file.size();
}

TEST(Hostile, OtherFilesAreNamedForWhatTheyAre) {
    const ZipEntry object{"net/data.pkl", pickle("}")};
    EXPECT_THAT(refusal_of("\x7f"
                           "ELF"),
                HasSubstr("neither a zip file nor"));
    EXPECT_THAT(refusal_of(zip({{"readme", "x"}})), HasSubstr("holds no data.pkl"));
    EXPECT_THAT(refusal_of(zip({object, {"b/data.pkl", "x"}})), HasSubstr("more than one data.pkl"));
    EXPECT_THAT(refusal_of(zip({object, {"net/constants.pkl", "x"}})), HasSubstr("TorchScript archive"));
    EXPECT_THAT(refusal_of(zip({object, {"net/byteorder", "big"}})), HasSubstr("not little-endian"));
    EXPECT_EQ(refusal_of(zip({object, {"net/byteorder", "little"}})), "");
}

}  // namespace
}  // namespace spectile::test
