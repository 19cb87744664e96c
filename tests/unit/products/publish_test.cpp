#include "products/publish.hpp"

#include <gmock/gmock.h>

#include "products_fixture.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

namespace fs = std::filesystem;

void put(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << text;
}

struct Publishing : testing::Test {
    ScratchFolder folder;
    std::string journal = folder / "work/publish.json";
    Publication publication;

    Publishing() {
        for (const char* name :
             {"map.tif.aux.xml", "map.tif", "map.tif.spectile.json", "map.tif.provenance.json"}) {
            put(folder / ("temporary/" + std::string(name)), "new " + std::string(name));
            publication.renames.emplace_back(folder / ("temporary/" + std::string(name)),
                                             folder / ("out/" + std::string(name)));
        }
        put(folder / "out/map.tif", "old");
        put(folder / "out/map.tif.ovr", "old");
        publication.removals = {folder / "out/map.tif.ovr", folder / "out/map.tif.aux.xml"};
        publication.cleanups = {folder / "temporary"};
    }
    void expect_published() {
        for (const char* name :
             {"map.tif.aux.xml", "map.tif", "map.tif.spectile.json", "map.tif.provenance.json"})
            EXPECT_EQ(bytes_of(folder / ("out/" + std::string(name))), "new " + std::string(name));
        EXPECT_FALSE(fs::exists(folder / "out/map.tif.ovr"));
        EXPECT_FALSE(fs::exists(folder / "temporary"));
        EXPECT_FALSE(fs::exists(journal));
    }
};

TEST_F(Publishing, RenamesEverythingAndRemovesWhatIsStale) {
    publish(publication, journal);
    expect_published();
}

TEST_F(Publishing, IsCompletedAfterACrashAtAnyPoint) {
    write_journal(publication, journal);
    fs::remove(folder / "out/map.tif.ovr");
    for (std::size_t done = 0; done <= publication.renames.size(); ++done) {
        const ScratchFolder saved;
        fs::copy(folder.path(), saved.path(), fs::copy_options::recursive);
        EXPECT_TRUE(finish_publish(journal)) << done;
        expect_published();
        EXPECT_FALSE(finish_publish(journal));
        fs::remove_all(folder.path());
        fs::copy(saved.path(), folder.path(), fs::copy_options::recursive);
        if (done < publication.renames.size())
            fs::rename(publication.renames[done].first, publication.renames[done].second);
    }
    fs::remove_all(folder / "temporary");
    EXPECT_TRUE(finish_publish(journal));
    expect_published();
}

TEST_F(Publishing, MakesMissingOutputFolders) {
    fs::remove_all(folder / "out");
    publish(publication, journal);
    expect_published();
}

TEST_F(Publishing, ReplacesNothingWhereAFileIsMissing) {
    fs::remove(folder / "temporary/map.tif.provenance.json");
    EXPECT_THROW(publish(publication, journal), Error);
    EXPECT_EQ(bytes_of(folder / "out/map.tif"), "old");
}

TEST_F(Publishing, AnOutputFolderThatIsAFileIsExit73) {
    fs::remove_all(folder / "out");
    put(folder / "out", "a file");
    try {
        publish(publication, journal);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(exit_code(error.code()), 73);
        EXPECT_THAT(error.what(), testing::HasSubstr("out/map.tif.aux.xml"));
    }
}

TEST_F(Publishing, ADamagedJournalIsNamed) {
    put(journal, "{\"renames\": 3}");
    EXPECT_THROW(finish_publish(journal), Error);
}

TEST(StaleSidecars, AreThoseThatNothingReplaces) {
    const auto stale = stale_sidecars("/a/m.tif", {{"/t/m.tif.aux.xml", "/a/m.tif.aux.xml"}});
    EXPECT_THAT(stale, testing::ElementsAre("/a/m.tif.ovr", "/a/m.tif.msk"));
}

}  // namespace
}  // namespace spectile::products
