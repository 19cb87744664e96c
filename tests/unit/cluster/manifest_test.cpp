#include "cluster/manifest.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "a_manifest.hpp"
#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ManifestFile : public testing::Test {
protected:
    ~ManifestFile() override { std::filesystem::remove(file_); }
    Manifest read(const std::string& text) const {
        std::ofstream(file_) << text;
        return read_manifest(file_);
    }
    std::string refusal_of(const Manifest& manifest) const {
        try {
            read(manifest_text(manifest));
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Code::definition);
            return error.what();
        }
        return "";
    }
    const std::string file_ =
        (std::filesystem::temp_directory_path() / ("manifest-" + std::to_string(::getpid()))).string();
};

TEST_F(ManifestFile, IsReadAsItWasWritten) {
    const std::string text = manifest_text(a_manifest());
    const Manifest again = read(text);
    EXPECT_EQ(manifest_text(again), text);
    EXPECT_EQ(again.instructions, "AVX2");
    EXPECT_THAT(again.parts_of(3), ElementsAre(8, 9));
    EXPECT_THAT(again.shards_of({3, 9}), ElementsAre(1, 3));
    EXPECT_THROW(again.parts_of(4), Error);
    EXPECT_THROW(again.parts_of(0), Error);
}

TEST_F(ManifestFile, RefusesPartsThatAreInTwoShardsOrInNone) {
    Manifest twice = a_manifest();
    twice.shards[1].parts.begin = 3;
    EXPECT_THAT(refusal_of(twice), HasSubstr("shard 2 begins at part 3 where part 4 is next"));
    Manifest gap = a_manifest();
    gap.shards[1].parts.begin = 5;
    EXPECT_THAT(refusal_of(gap), HasSubstr("shard 2 begins at part 5 where part 4 is next"));
    Manifest shorter = a_manifest();
    shorter.shards.pop_back();
    EXPECT_THAT(refusal_of(shorter), HasSubstr("hold 8 of 10 parts"));
}

TEST_F(ManifestFile, RefusesWhatIsCutShortOrSomethingElse) {
    const std::string text = manifest_text(a_manifest());
    for (const std::size_t keep : {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 3})
        EXPECT_THROW(read(text.substr(0, keep)), Error) << keep;
    EXPECT_THROW(read("{\"spectile_manifest\": 2}"), Error);
    EXPECT_THROW(read("{\"spectile_manifest\": 1}"), Error);
    EXPECT_THROW(read("[]"), Error);
}

}  // namespace
}  // namespace spectile::cluster
