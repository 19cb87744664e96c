#include "checkpoints/zip_archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spectile/error.hpp"
#include "support/checkpoint_file.hpp"

namespace spectile::checkpoints {
namespace {

using namespace test::pickled;
using testing::ElementsAre;
using testing::HasSubstr;

std::string content_of(const std::string& file, const std::string& entry) {
    const auto source = bytes_in_memory(bytes_of(file), "weights.pth");
    const auto bytes = read_extent(*source, ZipArchive(*source).locate(entry));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string zip_refusal(const std::string& file, const std::string& entry = "a/data.pkl") {
    try {
        content_of(file, entry);
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::model) << e.what();
        return e.what();
    }
    return {};
}

const std::vector<ZipEntry> kEntries = {
    {"a/data.pkl", "pickle"}, {"a/data/0", std::string(100, 'x')}, {"a/empty", ""}};

std::string replaced(std::string file, std::size_t at, const std::string& bytes) {
    return file.replace(at, bytes.size(), bytes);
}

TEST(ZipArchive, DataAreFoundByTheLocalHeader) {
    for (const bool zip64 : {false, true}) {
        const auto file = zip(kEntries, zip64);
        EXPECT_EQ(content_of(file, "a/data.pkl"), "pickle");
        EXPECT_EQ(content_of(file, "a/data/0"), std::string(100, 'x'));
        EXPECT_EQ(content_of(file, "a/empty"), "");
        EXPECT_THAT(zip_refusal(file, "a/data/1"), HasSubstr("\"a/data/1\" is not there"));
        const auto source = bytes_in_memory(bytes_of(file), "weights.pth");
        EXPECT_THAT(ZipArchive(*source).ending_in("/data.pkl"), ElementsAre("a/data.pkl"));
    }
}

TEST(ZipArchive, ACommentMayFollow) {
    auto file = zip(kEntries);
    file[file.size() - 2] = 5;
    EXPECT_EQ(content_of(file + "hello", "a/data.pkl"), "pickle");
    EXPECT_THAT(zip_refusal(file + "hell"), HasSubstr("directory is not there"));
}

TEST(ZipArchive, EveryCutIsRefused) {
    for (const bool zip64 : {false, true}) {
        const auto file = zip(kEntries, zip64);
        for (std::size_t size = 22; size < file.size(); ++size)
            EXPECT_NE(zip_refusal(file.substr(0, size)), "") << size;
    }
}

TEST(ZipArchive, EntriesOutsideTheFileAreRefused) {
    auto file = zip(kEntries);
    const auto directory = file.find("PK\x01\x02");
    EXPECT_THAT(zip_refusal(replaced(file, directory + 42, raw(std::uint32_t{1U << 30}))),
                HasSubstr("beyond the end of the file"));
    EXPECT_THAT(zip_refusal(replaced(file, directory + 42, raw(std::uint32_t{3}))),
                HasSubstr("is not where the zip directory says"));
    const auto sizes = raw(std::uint32_t{5000}) + raw(std::uint32_t{5000});
    EXPECT_THAT(zip_refusal(replaced(file, directory + 20, sizes)), HasSubstr("beyond the end of the file"));
    // The local header of the first entry with extra bytes up to the directory and past it.
    EXPECT_THAT(zip_refusal(replaced(file, 28, raw(std::uint16_t{60000}))),
                HasSubstr("beyond the end of the file"));
    EXPECT_THAT(zip_refusal(replaced(file, 30, "b")), HasSubstr("bears another name"));
}

TEST(ZipArchive, Zip64PlacesOutsideTheFileAreRefused) {
    const auto file = zip(kEntries, true);
    const auto record = file.find("PK\x06\x06"), locator = file.find("PK\x06\x07"),
               entry = file.find("PK\x01\x02");
    const auto far = raw(~std::uint64_t{0} - 5);
    EXPECT_THAT(zip_refusal(replaced(file, locator + 8, far)), HasSubstr("Zip64 record lies beyond"));
    EXPECT_THAT(zip_refusal(replaced(file, locator + 8, raw(std::uint64_t{1}))),
                HasSubstr("Zip64 record is not where"));
    EXPECT_THAT(zip_refusal(replaced(file, record + 48, far)), HasSubstr("directory lies beyond"));
    EXPECT_THAT(zip_refusal(replaced(file, record + 40, far)), HasSubstr("directory lies beyond"));
    EXPECT_THAT(zip_refusal(replaced(file, record + 32, far)), HasSubstr("claims"));
    const std::size_t extra = entry + 46 + std::string("a/data.pkl").size() + 4;
    EXPECT_THAT(zip_refusal(replaced(file, extra, far + far)), HasSubstr("beyond the end of the file"));
    EXPECT_THAT(zip_refusal(replaced(file, extra + 16, far)), HasSubstr("beyond the end of the file"));
    EXPECT_THAT(zip_refusal(replaced(file, extra - 2, raw(std::uint16_t{20}))),
                HasSubstr("Zip64 field is too short"));
}

TEST(ZipArchive, CountsThatCannotBeAreRefused) {
    const auto file = zip(kEntries);
    const auto end = file.size() - 22;
    EXPECT_THAT(zip_refusal(replaced(file, end + 10, raw(std::uint16_t{60000}))),
                HasSubstr("claims 60000 entries"));
    EXPECT_THAT(zip_refusal(replaced(file, file.find("PK\x01\x02"), "XX")), HasSubstr("damaged"));
    EXPECT_THAT(zip_refusal(replaced(file, end + 12, raw(~std::uint32_t{0}))), HasSubstr("beyond the end"));
    EXPECT_THAT(zip_refusal(replaced(file, end + 16, raw(~std::uint32_t{0}))), HasSubstr("beyond the end"));
}

TEST(ZipArchive, WhatPyTorchDoesNotWriteIsRefused) {
    const auto file = zip(kEntries);
    const auto directory = file.find("PK\x01\x02");
    EXPECT_THAT(zip_refusal(replaced(file, directory + 10, raw(std::uint16_t{8}))),
                HasSubstr("is compressed"));
    EXPECT_THAT(zip_refusal(replaced(file, directory + 8, raw(std::uint16_t{1}))), HasSubstr("is encrypted"));
    EXPECT_THAT(zip_refusal(replaced(file, file.size() - 18, raw(std::uint16_t{1}))),
                HasSubstr("several volumes"));
    EXPECT_THAT(zip_refusal(zip({{"a/data.pkl", "x"}, {"a/data.pkl", "y"}})), HasSubstr("occurs twice"));
}

}  // namespace
}  // namespace spectile::checkpoints
