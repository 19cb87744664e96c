#include "weights/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "spectile/error.hpp"
#include "weights/safetensors_stream.hpp"

namespace spectile::weights {
namespace {

using testing::HasSubstr;

std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes) {
    std::vector<std::byte> bytes(8 + header.size() + data_bytes);
    const std::uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, 8);
    std::memcpy(bytes.data() + 8, header.data(), header.size());
    return bytes;
}

std::string message_of(std::vector<std::byte> bytes) {
    try {
        SafeTensors::parse(std::move(bytes), "weights.safetensors");
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::model);
        EXPECT_THAT(e.what(), testing::StartsWith("weights.safetensors: "));
        EXPECT_THAT(e.what(), testing::Not(HasSubstr("\n")));
        return e.what();
    }
    return "accepted";
}

std::string message_of(const std::string& header, std::size_t data_bytes) {
    return message_of(file_of(header, data_bytes));
}

TEST(SafeTensors, GivesBackWhatWasWritten) {
    const std::vector<float> a = {1, 2, 3, 4, 5, 6};
    const std::vector<std::int64_t> b = {-9};
    const auto bytes = encode_safetensors({{"b", {ElementType::I64, {}, std::as_bytes(std::span(b))}},
                                           {"a", {ElementType::F32, {2, 3}, std::as_bytes(std::span(a))}},
                                           {"none", {ElementType::F32, {0, 4}, {}}}},
                                          {{"config", "{\"bands\": 2}"}});
    const auto file = SafeTensors::parse(bytes, "x");
    EXPECT_EQ(file.tensors().size(), 3U);
    EXPECT_EQ(file.at("a").shape, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(to_floats(file.at("a")), a);
    EXPECT_EQ(to_floats(file.at("b")), std::vector<float>{-9});
    EXPECT_EQ(file.at("none").elements(), 0U);
    EXPECT_EQ(file.metadata().at("config"), "{\"bands\": 2}");
    EXPECT_EQ(bytes, encode_safetensors(file.tensors(), file.metadata())) << "equal content, equal bytes";
}

TEST(SafeTensors, DataStartOnEightBytes) {
    const std::vector<float> a = {1};
    const auto bytes =
        encode_safetensors({{"odd name", {ElementType::F32, {1}, std::as_bytes(std::span(a))}}}, {});
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    EXPECT_EQ(length % 8, 0U);
}

TEST(SafeTensors, NamesTheMissingKey) {
    const auto file = SafeTensors::parse(encode_safetensors({}, {}), "w.safetensors");
    try {
        file.at("head.weight");
        FAIL();
    } catch (const Error& e) {
        EXPECT_STREQ(e.what(), "w.safetensors: there is no tensor head.weight");
    }
}

TEST(SafeTensors, RefusesImpossibleHeaders) {
    EXPECT_THAT(message_of(std::vector<std::byte>(7)), HasSubstr("shorter than 8 bytes"));
    std::vector<std::byte> huge(16, std::byte{0xFF});
    EXPECT_THAT(message_of(huge), HasSubstr("is impossible"));
    auto cut = file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 4);
    cut.resize(20);
    EXPECT_THAT(message_of(cut), HasSubstr("truncated in its header"));
    EXPECT_THAT(message_of("not json", 0), HasSubstr("not JSON"));
    EXPECT_THAT(message_of("[1]", 0), HasSubstr("not a JSON object"));
    EXPECT_THAT(message_of(std::string(100000, '['), 0), HasSubstr("not JSON"));
}

TEST(SafeTensors, RefusesTensorsThatDoNotFit) {
    const auto entry = [](const std::string& type, const std::string& shape, const std::string& offsets) {
        return R"({"a":{"dtype":)" + type + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
    };
    EXPECT_EQ(message_of(entry("\"F32\"", "[1]", "[0,4]"), 4), "accepted");
    EXPECT_THAT(message_of(entry("\"F33\"", "[1]", "[0,4]"), 4),
                HasSubstr("tensor \"a\": unknown dtype \"F33\""));
    EXPECT_THAT(message_of(entry("7", "[1]", "[0,4]"), 4), HasSubstr("unknown dtype"));
    EXPECT_THAT(message_of(entry("\"F32\"", "[2]", "[0,4]"), 4), HasSubstr("does not fit its shape"));
    EXPECT_THAT(message_of(entry("\"F32\"", "[-1]", "[0,4]"), 4), HasSubstr("impossible shape"));
    EXPECT_THAT(message_of(entry("\"F32\"", "[1.5]", "[0,4]"), 4), HasSubstr("impossible shape"));
    EXPECT_THAT(message_of(entry("\"F32\"", "[4611686018427387904,4]", "[0,0]"), 0),
                HasSubstr("impossible shape"));
    EXPECT_THAT(message_of(entry("\"F32\"", "3", "[0,4]"), 4), HasSubstr("shape is not a list"));
    EXPECT_THAT(message_of(entry("\"F32\"", "[1]", "[0,4]"), 3), HasSubstr("beyond the end"));
    EXPECT_THAT(message_of(entry("\"F32\"", "[1]", "[4,0]"), 4), HasSubstr("impossible data_offsets"));
    EXPECT_THAT(message_of(entry("\"F32\"", "[1]", "[0]"), 4), HasSubstr("not a pair"));
    EXPECT_THAT(message_of(entry("\"F32\"", "[1]", "[18446744073709551612,0]"), 4),
                HasSubstr("impossible data_off"));
    EXPECT_THAT(message_of(R"({"a":[]})", 0), HasSubstr("needs dtype, shape and data_offsets"));
    EXPECT_THAT(message_of(R"({"__metadata__":{"k":1}})", 0), HasSubstr("something else than strings"));
}

TEST(SafeTensors, RefusesOverlapsGapsAndDuplicates) {
    const std::string a = R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]})";
    EXPECT_THAT(message_of("{" + a + R"(,"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3),
                HasSubstr("overlaps"));
    EXPECT_THAT(message_of("{" + a + R"(,"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}})", 4),
                HasSubstr("gap"));
    EXPECT_THAT(message_of("{" + a + "}", 5), HasSubstr("3 bytes at the end"));
    EXPECT_THAT(message_of("{" + a + "," + a + "}", 2), HasSubstr("occurs twice"));
}

TEST(SafeTensors, KeysWithLineBreaksKeepMessagesOnOneLine) {
    EXPECT_THAT(message_of("{\"a\\nb\":{\"dtype\":\"F33\",\"shape\":[],\"data_offsets\":[0,4]}}", 4),
                HasSubstr("a\\nb"));
}

TEST(SafeTensors, AnyDamageIsRefusedOrReadButNeverLeavesTheBytes) {
    const std::vector<float> a = {1, 2, 3, 4};
    const auto good =
        encode_safetensors({{"a", {ElementType::F32, {2, 2}, std::as_bytes(std::span(a))}}}, {{"k", "v"}});
    const bool held = rc::check([&] {
        auto bytes = good;
        const auto changes = *rc::gen::inRange(1, 5);
        for (int i = 0; i < changes; ++i)
            bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
                static_cast<std::byte>(*rc::gen::inRange(0, 256));
        bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
        try {
            const auto file = SafeTensors::parse(std::move(bytes), "x");
            for (const auto& [key, view] : file.tensors()) to_floats(view);
        } catch (const Error& e) {
            RC_ASSERT(e.code() == Code::model);
        }
    });
    EXPECT_TRUE(held);
}

TEST(WriteSafeTensors, ReplacesAFileWholeAndLeavesNoTemporary) {
    const auto folder =
        std::filesystem::path(testing::TempDir()) / ("safetensors_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const auto path = (folder / "w.safetensors").string();
    std::ofstream(path) << "old";
    const std::vector<float> a = {7};
    write_safetensors(path, {{"a", {ElementType::F32, {1}, std::as_bytes(std::span(a))}}}, {});
    EXPECT_EQ(to_floats(SafeTensors::open(path).at("a")), a);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
    std::filesystem::remove_all(folder);
}

TEST(WriteSafeTensors, SaysWhichFileCannotBeCreated) {
    try {
        write_safetensors("/nonexistent/folder/w.safetensors", {}, {});
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::write);
        EXPECT_STREQ(e.what(), "/nonexistent/folder/w.safetensors: cannot be created");
    }
}

TEST(SafeTensors, AbsentFileIsMissing) {
    try {
        SafeTensors::open("/nonexistent/w.safetensors");
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::missing);
    }
}

TEST(SafeTensors, StreamWritesTheBytesOfTheWholeFile) {
    const std::vector<float> numbers = {1, 2, 3, 4, 5, 6};
    const auto view = [&](std::vector<std::int64_t> shape) {
        return TensorView{ElementType::F32, std::move(shape), std::as_bytes(std::span(numbers))};
    };
    const std::map<std::string, TensorView> tensors = {{"b", view({2, 3})}, {"a", view({6})}};
    const std::map<std::string, std::string> metadata = {{"config", "{}"}};
    const auto whole = encode_safetensors(tensors, metadata);
    const auto path = (std::filesystem::temp_directory_path() / "spectile_stream_test.safetensors").string();
    std::filesystem::remove(path);
    const std::map<std::string, TensorForm> forms = {{"a", {ElementType::F32, {6}}},
                                                     {"b", {ElementType::F32, {2, 3}}}};
    {
        SafeTensorsStream unfinished(path, forms, metadata);
        unfinished.write(std::as_bytes(std::span(numbers)));
        EXPECT_THROW(unfinished.commit(), Error);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    SafeTensorsStream stream(path, forms, metadata);
    stream.write(std::as_bytes(std::span(numbers)));
    stream.write(std::as_bytes(std::span(numbers).first(2)));
    stream.write(std::as_bytes(std::span(numbers).subspan(2)));
    EXPECT_FALSE(std::filesystem::exists(path));
    const auto checksum = stream.commit();
    EXPECT_EQ(read_bytes(path), whole);
    EXPECT_EQ(checksum, sha256_of({reinterpret_cast<const char*>(whole.data()), whole.size()}));
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace spectile::weights
