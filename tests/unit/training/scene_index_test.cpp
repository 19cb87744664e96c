#include "training/scene_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spectile/error.hpp"
#include "training/permutation.hpp"
#include "unit/training/index_of_scenes.hpp"

namespace spectile::training {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SceneIndex open_text(const TestFolder& folder, const std::string& text) {
    PretrainingDefinition definition;
    definition.index = write_index(folder, text);
    return SceneIndex::open(definition);
}

TEST(Permutation, HasEveryNumberOnce) {
    for (const std::uint64_t count : {1, 2, 3, 4, 5, 16, 17, 1000, 65537, 1'000'000}) {
        const Permutation order(count, Random(5, Purpose::order, {count}));
        std::vector<bool> seen(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto at = order[i];
            ASSERT_LT(at, count);
            ASSERT_FALSE(seen[at]) << count;
            seen[at] = true;
        }
    }
}

TEST(Permutation, IsAnotherForAnotherKeyAndMixesWell) {
    const std::uint64_t count = 100'000;
    const Permutation first(count, Random(5, Purpose::order, {1})),
        second(count, Random(5, Purpose::order, {2}));
    std::uint64_t same = 0, upper = 0;
    double neighbours = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        same += first[i] == second[i];
        upper += i < count / 2 && first[i] >= count / 2;
        if (i > 0) neighbours += std::abs(static_cast<double>(first[i]) - static_cast<double>(first[i - 1]));
    }
    EXPECT_LT(same, 10U) << "one in a hundred thousand is expected";
    EXPECT_NEAR(static_cast<double>(upper), count / 4.0, 600);
    EXPECT_NEAR(neighbours / static_cast<double>(count), static_cast<double>(count) / 3, 500)
        << "mean distance of two random numbers";
}

TEST(SceneIndex, ReadsEveryColumn) {
    const TestFolder folder;
    const auto index =
        open_text(folder,
                  "id,path,window,bands,role,crops,date,place\r\n"
                  "1,a.tif,,,,,,\r\n"
                  "\r\n"
                  "2,\"b1.tif;/vsizip/b2.zip/x,y.tif\",8;16;32;64,1;3;2,training,3,2020-02-03T10:00:00Z,P\n"
                  "3,c.tif,,,validation,2,2018-01-01,Q\n"
                  "4,d.tif,,,test,,,\n"
                  "5,e.tif,,,training,0,,");
    ASSERT_EQ(index.size(Role::training), 4U);
    ASSERT_EQ(index.size(Role::validation), 2U);
    EXPECT_THAT(index.entry(Role::training, 0).scene.paths, ElementsAre(folder.file("a.tif")));
    EXPECT_FALSE(index.entry(Role::training, 0).window);
    const auto stacked = index.entry(Role::training, 3);
    EXPECT_THAT(stacked.scene.paths, ElementsAre(folder.file("b1.tif"), "/vsizip/b2.zip/x,y.tif"));
    EXPECT_EQ(stacked.window, (Window{8, 16, 32, 64}));
    EXPECT_THAT(stacked.scene.bands, ElementsAre(1, 3, 2));
    EXPECT_EQ(index.place(Role::training, 1), index.place(Role::training, 3)) << "three crops of one entry";
    EXPECT_THAT(index.where(index.place(Role::training, 1)), HasSubstr("scenes.csv:4"));
    EXPECT_EQ(index.summary().training, 3U);
    EXPECT_EQ(index.summary().left_aside, 1U);
    EXPECT_EQ(index.summary().first_date, "2018-01-01");
    EXPECT_EQ(index.summary().last_date, "2020-02-03T10:00:00Z");
}

struct Fault {
    const char *text, *message;
};

class FaultyIndex : public testing::TestWithParam<Fault> {};

TEST_P(FaultyIndex, IsRefusedWithItsLine) {
    const TestFolder folder;
    try {
        open_text(folder, GetParam().text);
        FAIL() << "was accepted";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::definition);
        EXPECT_THAT(e.what(), HasSubstr(GetParam().message));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Every, FaultyIndex,
    testing::Values(Fault{"file\na.tif\n", "has no column 'path'"},
                    Fault{"path\n", "holds no entry to train on"},
                    Fault{"path,role\na.tif,\n,\nb.tif,\n", "scenes.csv:3: names no scene"},
                    Fault{"path,role\na.tif,trainig\n",
                          "scenes.csv:2: role: expected training, validation, test or none"},
                    Fault{"path,window\na.tif,1;2;3\n", "scenes.csv:2: window: expected x;y;width;height"},
                    Fault{"path,window\na.tif,1;2;3;-4\n", "scenes.csv:2: window"},
                    Fault{"path,bands\na.tif,B1\n", "scenes.csv:2: bands"},
                    Fault{"path,crops\na.tif,many\n", "scenes.csv:2: crops"},
                    Fault{"path,date\na.tif,20200101\n", "scenes.csv:2: date: expected YYYY-MM-DD"},
                    Fault{"path,role\n\"a.tif,\n", "scenes.csv:2: a quote is not closed"},
                    Fault{"path,role,place\na.tif,,X\nb.tif,,Y\nc.tif,validation,Y\n",
                          "scenes.csv:3: its place also has an entry with role validation"}));

TEST(SceneIndex, ReadsItemsOfAStacCollection) {
    const TestFolder folder;
    const auto item = [](const char* id, const char* split) {
        return fmt::format(
            R"({{"type": "Feature", "id": "{0}", "properties": {{"datetime": "2020-01-0{0}T00:00:00Z",
            "ml-aoi:split": "{1}"}}, "assets": {{"B1": {{"href": "{0}/B1.tif"}}, "B2": {{"href": "{0}/B2.tif"}}}}}})",
            id, split);
    };
    PretrainingDefinition definition;
    definition.assets = {"B2", "B1"};
    definition.index =
        write_index(folder,
                    R"({"type": "FeatureCollection", "links": [{"rel": "self"}], "features": [)" +
                        item("1", "train") + "," + item("2", "validate") + "," + item("3", "train") + "]}",
                    "items.json");
    const auto index = SceneIndex::open(definition);
    ASSERT_EQ(index.size(Role::training), 2U);
    ASSERT_EQ(index.size(Role::validation), 1U);
    EXPECT_THAT(index.entry(Role::training, 1).scene.paths,
                ElementsAre(folder.file("3/B2.tif"), folder.file("3/B1.tif")));
    EXPECT_THAT(index.where(index.place(Role::training, 1)), HasSubstr("items.json: item 3"));
    EXPECT_EQ(index.summary().last_date, "2020-01-03T00:00:00Z");
}

/// A line of /proc/self/status in MiB: VmRSS (now) or VmHWM (the most so far).
double status_mib(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (double kib = 0; word == key + ":" && status >> kib) return kib / 1024;
    return 0;
}

TEST(SceneIndex, HoldsAMillionEntriesInEightBytesEach) {
    const TestFolder folder;
    constexpr int kEntries = 1'000'000;
    {
        std::ofstream out(folder.file("million.csv"));
        out << "path,date,place,role\n";
        for (int i = 0; i < kEntries; ++i)
            out << "archive/of/scenes/granule-" << i % 7 << ".tif,2020-01-01,place-" << i << ",\n";
    }
    PretrainingDefinition definition;
    definition.index = folder.file("million.csv");
    std::ofstream("/proc/self/clear_refs") << "5";  // The most so far begins anew.
    const double before = status_mib("VmRSS");
    const auto index = SceneIndex::open(definition);
    const double peak = status_mib("VmHWM") - before, held = status_mib("VmRSS") - before;
    RecordProperty("peak_mib", std::to_string(peak));
    RecordProperty("held_mib", std::to_string(held));
    // 8 MiB are held. While the list is read, the places are kept as well (16 MiB), and both grow by
    // doubling.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // Their own memory would be measured.
    EXPECT_LT(peak, 96) << "the text itself has 57 MB";
    EXPECT_LT(held, 32);
#endif
    ASSERT_EQ(index.size(Role::training), static_cast<std::uint64_t>(kEntries));
    EXPECT_THAT(
        index.entry(Role::training, kEntries - 1).scene.paths,
        ElementsAre(folder.file(fmt::format("archive/of/scenes/granule-{}.tif", (kEntries - 1) % 7))));
    EXPECT_THAT(index.where(index.place(Role::training, 777'777)), HasSubstr("million.csv:777779"));
}

}  // namespace
}  // namespace spectile::training
