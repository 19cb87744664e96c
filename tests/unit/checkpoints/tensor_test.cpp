#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <numeric>

#include "support/checkpoint_reading.hpp"

namespace spectile::test {
namespace {

using namespace pickled;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <typename T>
std::string stored(std::initializer_list<T> values) {
    std::string bytes;
    for (const T value : values) bytes += raw(value);
    return bytes;
}

std::string with(const Tensor& tensor, const std::string& storage) {
    return checkpoint(ordered_dict({{"w", tensor.piece()}}), {storage});
}

const std::string kSix = floats({0, 1, 2, 3, 4, 5});

TEST(Tensor, ViewsOfAStorageAreReadInCOrder) {
    const auto view = [](std::int64_t offset, std::vector<std::int64_t> shape,
                         std::vector<std::int64_t> strides) {
        return numbers_of(
            parsed(with(
                {.elements = 6, .offset = offset, .shape = std::move(shape), .strides = std::move(strides)},
                kSix)),
            "w");
    };
    EXPECT_THAT(view(0, {2, 3}, {3, 1}), ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_THAT(view(0, {3, 2}, {1, 3}), ElementsAre(0, 3, 1, 4, 2, 5));
    EXPECT_THAT(view(2, {3}, {1}), ElementsAre(2, 3, 4));
    EXPECT_THAT(view(1, {2}, {3}), ElementsAre(1, 4));
    EXPECT_THAT(view(5, {}, {}), ElementsAre(5));
    EXPECT_THAT(view(4, {2, 3}, {1, 0}), ElementsAre(4, 4, 4, 5, 5, 5));
    EXPECT_THAT(view(6, {0, 4}, {4, 1}), IsEmpty());
    EXPECT_THAT(view(5, {1, 1}, {99, 99}), ElementsAre(5));
}

TEST(Tensor, EveryTypeIsReadFloatsAsFloat32) {
    using enum weights::ElementType;
    const auto open = [](const char* type, std::int64_t count, const std::string& storage) {
        return parsed(with({.type = type, .elements = count, .shape = {count}}, storage));
    };
    EXPECT_THAT(numbers_of(open("HalfStorage", 2, stored<std::uint16_t>({0x3C00, 0xC000})), "w"),
                ElementsAre(1, -2));
    EXPECT_THAT(numbers_of(open("BFloat16Storage", 1, stored<std::uint16_t>({0xC040})), "w"),
                ElementsAre(-3));
    EXPECT_THAT(numbers_of(open("DoubleStorage", 1, stored<double>({0.1})), "w"), ElementsAre(0.1F));
    EXPECT_THAT(numbers_of<std::int64_t>(open("LongStorage", 1, stored<std::int64_t>({-1LL << 40})), "w"),
                ElementsAre(-1LL << 40));
    EXPECT_THAT(numbers_of<std::int32_t>(open("IntStorage", 1, stored<std::int32_t>({-7})), "w"),
                ElementsAre(-7));
    EXPECT_THAT(numbers_of<std::int16_t>(open("ShortStorage", 1, stored<std::int16_t>({-7})), "w"),
                ElementsAre(-7));
    EXPECT_THAT(numbers_of<std::int8_t>(open("CharStorage", 1, stored<std::int8_t>({-7})), "w"),
                ElementsAre(-7));
    EXPECT_THAT(numbers_of<std::uint8_t>(open("ByteStorage", 1, stored<std::uint8_t>({200})), "w"),
                ElementsAre(200));
    EXPECT_THAT(numbers_of<std::uint8_t>(open("BoolStorage", 2, stored<std::uint8_t>({0, 1})), "w"),
                ElementsAre(0, 1));
    EXPECT_EQ(open("BoolStorage", 1, "\1").tensors().at("w").type, BOOL);
    EXPECT_THAT(refusal_of(with({.type = "QInt8Storage"}, kSix)),
                HasSubstr("\"torch.QInt8Storage\" are not read"));
}

TEST(Tensor, FloatBitsAreKept) {
    const float odd[] = {std::bit_cast<float>(0x7FC12345U), -0.0F, std::numeric_limits<float>::denorm_min()};
    const auto read = read_tensor(parsed(with({.elements = 3, .shape = {3}}, floats({odd, odd + 3}))), "w");
    EXPECT_EQ(std::memcmp(read.data(), odd, sizeof odd), 0);
}

TEST(Tensor, LongTensorsAreReadInPieces) {
    constexpr std::int64_t kCount = 1'000'003;
    std::vector<float> values(kCount);
    std::iota(values.begin(), values.end(), 0.0F);
    const auto whole = parsed(with({.elements = kCount, .shape = {kCount}}, floats(values)));
    std::size_t largest = 0;
    whole.read("w", [&](auto piece) { largest = std::max(largest, piece.size()); });
    EXPECT_LE(largest, std::size_t{1} << 20);
    EXPECT_EQ(numbers_of(whole, "w"), values);
    const auto backwards_by_columns =
        parsed(with({.elements = kCount, .shape = {2, 500'001}, .strides = {1, 2}}, floats(values)));
    const auto read = numbers_of(backwards_by_columns, "w");
    ASSERT_EQ(read.size(), 1'000'002u);
    EXPECT_EQ(read[500'000], 1'000'000.0F);
    EXPECT_EQ(read[500'001], 1.0F);
}

TEST(Tensor, UntypedStoragesAndParametersAreRead) {
    const std::string storage = tuple({text("storage"), global("torch.storage", "UntypedStorage"), text("0"),
                                       text("cpu"), number(24)}) +
                                "Q";
    const std::string typed =
        call(global("torch._utils", "_rebuild_tensor_v3"),
             {storage, number(1), numbers({2}), numbers({2}), "\x89", "}", global("torch", "float32")});
    EXPECT_THAT(numbers_of(parsed(checkpoint(dict({{"w", typed}}), {kSix})), "w"), ElementsAre(1, 3));
    const std::string parameter =
        call(global("torch._utils", "_rebuild_parameter"), {Tensor{.elements = 6}.piece(), "\x88", "}"});
    EXPECT_THAT(numbers_of(parsed(checkpoint(dict({{"w", parameter}}), {kSix})), "w"),
                ElementsAre(0, 1, 2, 3));
    std::string wrapped = Tensor{}.piece();
    for (int i = 0; i < 20; ++i) wrapped = call(global("torch._utils", "_rebuild_parameter"), {wrapped});
    EXPECT_THAT(refusal_of(checkpoint(dict({{"w", wrapped}}), {kSix})), HasSubstr("wrapped more often"));
}

TEST(Tensor, ReachingBeyondTheStorageIsRefused) {
    EXPECT_THAT(refusal_of(with({.elements = 6, .shape = {7}}, kSix)),
                HasSubstr("reaches beyond its storage of 6"));
    EXPECT_THAT(refusal_of(with({.elements = 6, .offset = 6, .shape = {}, .strides = {}}, kSix)),
                HasSubstr("reaches beyond"));
    EXPECT_THAT(refusal_of(with({.elements = 6, .offset = 7, .shape = {0}}, kSix)),
                HasSubstr("reaches beyond"));
    EXPECT_THAT(refusal_of(with({.elements = 6, .shape = {2, 3}, .strides = {4, 1}}, kSix)),
                HasSubstr("tensor \"w\": not a usable checkpoint: reaches beyond"));
    EXPECT_THAT(refusal_of(with({.elements = 6, .offset = std::numeric_limits<std::int64_t>::max()}, kSix)),
                HasSubstr("reaches beyond"));
}

TEST(Tensor, SizesThatOverflowAreRefused) {
    constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
    const auto refused = [](std::vector<std::int64_t> shape, std::vector<std::int64_t> strides) {
        return refusal_of(
            with({.elements = 6, .shape = std::move(shape), .strides = std::move(strides)}, kSix));
    };
    EXPECT_THAT(refused({kHuge}, {0}), HasSubstr("impossible shape"));
    EXPECT_THAT(refused({1LL << 31, 1LL << 31, 4}, {0, 0, 0}), HasSubstr("impossible shape"));
    EXPECT_THAT(refused({3, 3}, {kHuge, kHuge}), HasSubstr("impossible shape"));
    EXPECT_THAT(refused({1LL << 40}, {0}), HasSubstr("repeats 1 elements"));
    EXPECT_THAT(refused({-1}, {1}), HasSubstr("its shape is a whole number, not a whole number from 0"));
    EXPECT_THAT(refused({2}, {-1}), HasSubstr("its strides"));
    EXPECT_THAT(refused({2, 3}, {1}), HasSubstr("one stride for each axis"));
    EXPECT_THAT(refused(std::vector<std::int64_t>(65, 1), std::vector<std::int64_t>(65, 1)),
                HasSubstr("too many axes"));
    EXPECT_THAT(refusal_of(with({.elements = kHuge}, kSix)), HasSubstr("storage's size is impossible"));
}

}  // namespace
}  // namespace spectile::test
