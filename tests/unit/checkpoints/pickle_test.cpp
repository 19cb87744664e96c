#include "checkpoints/pickle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spectile/error.hpp"
#include "support/checkpoint_file.hpp"

namespace spectile::checkpoints {
namespace {

using namespace test::pickled;
using testing::ElementsAre;
using testing::HasSubstr;

Pickle parse(const std::string& bytes) { return Pickle::parse(bytes_of(bytes), "weights.pth").value(); }

std::string refusal(const std::string& bytes) {
    try {
        (void)Pickle::parse(bytes_of(bytes), "weights.pth");
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::model);
        return e.what();
    }
    return {};
}

TEST(Pickle, ConstantsAreRead) {
    const auto constants = parse(pickle(
        tuple({"N", "\x88", "\x89", "K\xff", "M\xff\xff", "J" + raw(std::int32_t{-2}), "\x8a\x01\xff",
               std::string("\x8a\0", 2), number(1LL << 40), "\x8b" + raw(std::uint32_t{2}) + "\xff\x7f"})));
    std::vector<std::int64_t> whole;
    for (const auto id : constants.root().items) whole.push_back(constants.at(id).integer);
    EXPECT_THAT(whole, ElementsAre(0, 1, 0, 255, 65535, -2, -1, 0, 1LL << 40, 32767));
}

TEST(Pickle, RealsAreBigEndian) {
    EXPECT_EQ(parse(pickle(std::string("G\x3f\xe0\0\0\0\0\0\0", 9))).root().real, 0.5);
}

TEST(Pickle, TextsOfAllLengthsAreRead) {
    const auto pickled_texts = parse(pickle(
        "(\x8c\x02"
        "ab" +
        text("cd") + "\x8d" + raw(std::uint64_t{2}) + "ef" + "U\x01g" + "T" + raw(std::uint32_t{1}) + "ht"));
    std::vector<std::string> texts;
    for (const auto id : pickled_texts.root().items) texts.emplace_back(pickled_texts.at(id).text);
    EXPECT_THAT(texts, ElementsAre("ab", "cd", "ef", "g", "h"));
}

TEST(Pickle, ProtocolFourIsRead) {
    // {"a": 7, "b": OrderedDict(), "c": "a"} with FRAME, MEMOIZE and STACK_GLOBAL, as Python 3.8 and later
    // write.
    const std::string body =
        "}\x94(\x8c\x01"
        "a\x94K\x07\x8c\x01"
        "b\x94\x8c\x0b"
        "collections\x94\x8c\x0bOrderedDict\x94\x93\x94)R\x94\x8c\x01"
        "ch\x01u.";
    const auto whole = parse("\x80\x04\x95" + raw(std::uint64_t{body.size()}) + body);
    const auto entries = whole.entries(whole.root_id()).value();
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(whole.at(entries[0].second).integer, 7);
    EXPECT_EQ(whole.global_name(entries[1].second), "collections.OrderedDict");
    EXPECT_EQ(whole.at(entries[2].second).text, "a");
}

TEST(Pickle, NumbersBeyond64BitsAreBytes) {
    const auto pickle_of_ten = parse(
        "\x80\x02\x8a\x09"
        "123456789.");
    EXPECT_EQ(pickle_of_ten.root().kind, Kind::bytes);
    EXPECT_EQ(pickle_of_ten.root().text, "123456789");
}

TEST(Pickle, CallsAreRememberedAndNotMade) {
    const auto evil = parse(pickle(call(global("os", "system"), {text("touch owned")})));
    EXPECT_EQ(evil.root().kind, Kind::call);
    EXPECT_EQ(evil.describe(evil.root_id()), "a call of \"os.system\"");
    EXPECT_EQ(evil.at(evil.at(evil.root().arguments).items.front()).text, "touch owned");
}

TEST(Pickle, StateOfAnObjectIsKept) {
    const auto object =
        parse(pickle(global("argparse", "Namespace") + ")\x81" + dict({{"seed", number(3)}}) + "b"));
    const auto attributes = object.attributes(object.root_id());
    ASSERT_EQ(attributes.size(), 1u);
    EXPECT_EQ(object.key_text(attributes[0].first), "seed");
}

TEST(Pickle, OrderedDictOfPython2HoldsItsEntriesInItsCall) {
    const auto old =
        parse(pickle(call(global("collections", "OrderedDict"),
                          {list({tuple({text("a"), number(1)}), tuple({text("b"), number(2)})})})));
    EXPECT_EQ(old.entries(old.root_id()).value().size(), 2u);
}

TEST(Pickle, ValuesThatHoldThemselvesAreRead) {
    // l = []; l.append(l); and a dictionary that is its own value.
    const auto list_in_itself = parse(
        "\x80\x02]q\x01h\x01"
        "a.");
    EXPECT_EQ(list_in_itself.root().items.front(), list_in_itself.root_id());
    const auto dict_in_itself = parse("\x80\x02}q\x01" + text("model") + "h\x01s.");
    EXPECT_EQ(dict_in_itself.entries(dict_in_itself.root_id()).value()[0].second, dict_in_itself.root_id());
}

TEST(Pickle, EveryCutIsNoticed) {
    const std::string whole = pickle(dict({{"a", list({number(1), text("x"), global("m", "n"), "\x88"})}}));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(Pickle::parse(bytes_of(whole.substr(0, size)), "weights.pth")) << size;
    EXPECT_EQ(parse(whole + "more").size(), whole.size());
}

TEST(Pickle, OpcodesThatFindNothingAreRefused) {
    EXPECT_THAT(refusal("\x80\x02."), HasSubstr("takes from an empty stack"));
    EXPECT_THAT(refusal("\x80\x02(."), HasSubstr("takes from an empty stack"));
    EXPECT_THAT(refusal("\x80\x02K\x01"
                        "(b."),
                HasSubstr("takes from an empty stack"));
    EXPECT_THAT(refusal("\x80\x02t."), HasSubstr("a mark that was never set"));
    EXPECT_THAT(refusal("\x80\x02h\x05."), HasSubstr("recalls a value that it never stored"));
    EXPECT_THAT(refusal("\x80\x02K\x01K\x02"
                        "a."),
                HasSubstr("appends to something else"));
    EXPECT_THAT(refusal("\x80\x02]K\x01K\x02s."), HasSubstr("sets entries of something else"));
    EXPECT_THAT(refusal("\x80\x02K\x01K\x02\x93."), HasSubstr("by something else than text"));
    EXPECT_THAT(refusal("\x80\x02I1\n."), HasSubstr("an opcode that no checkpoint uses, 73, at byte 2"));
    EXPECT_THAT(refusal("\x80\x09N."), HasSubstr("protocol 9"));
}

TEST(Pickle, DeepNestingIsRefusedOrCostsNoStack) {
    EXPECT_THAT(refusal("\x80\x02" + std::string(100'000, '(') + "t."), HasSubstr("nests deeper"));
    // A million tuples in each other without a mark.
    EXPECT_EQ(parse("\x80\x02N" + std::string(1'000'000, '\x85') + ".").values(), 1'000'001u);
}

TEST(Pickle, MoreValuesThanAnyCheckpointAreRefused) {
    EXPECT_THAT(refusal("\x80\x02" + std::string(Pickle::kMaxValues + 1, 'N') + "."),
                HasSubstr("more values"));
}

}  // namespace
}  // namespace spectile::checkpoints
