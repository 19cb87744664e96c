#include "pipeline/one_line.hpp"

#include "definition_files.hpp"

namespace spectile {
namespace {

using testing::ElementsAre;

class OneLineVerb : public testing::Test {
protected:
    std::string model(const std::string& task) {
        folder_.write(task + "/model.yaml", task == "identity"
                                                ? "spectile: 1\narchitecture: identity\n"
                                                : "spectile: 1\narchitecture: a\ntask: " + task + "\n");
        return folder_.file(task);
    }
    Pipeline make(Task task, const std::string& card, const std::vector<std::string>& scenes,
                  const std::string& output, bool stack = false) {
        return one_line({task, scenes, stack, model(card), output});
    }
    std::string message(Task task, const std::string& card, const std::vector<std::string>& scenes,
                        const std::string& output) {
        return error_of([&] { make(task, card, scenes, output); });
    }
    Folder folder_;
};

TEST_F(OneLineVerb, ClassifyWritesAMapAndAReport) {
    const auto p = make(Task::classification, "classification", {"/d/a.tif"}, "/o/map.tif");
    EXPECT_TRUE(p.file.empty());
    EXPECT_THAT(p.scenes.at(0).paths, ElementsAre("/d/a.tif"));
    ASSERT_EQ(p.products.size(), 2u);
    EXPECT_EQ(p.products[0].kind, "class_map");
    EXPECT_EQ(p.products[0].path, "/o/map.tif");
    EXPECT_EQ(p.products[1].path, "/o/map.html");
    EXPECT_EQ(p.model, folder_.file("classification"));
}

TEST_F(OneLineVerb, PathsAreRelativeToTheCurrentFolder) {
    const auto here = std::filesystem::current_path().string();
    const auto p = make(Task::classification, "classification", {"a ${b}.tif"}, "map.tif");
    EXPECT_THAT(p.scenes.at(0).paths, ElementsAre(here + "/a ${b}.tif"));
    EXPECT_EQ(p.products[0].path, here + "/map.tif");
}

TEST_F(OneLineVerb, SeveralScenesNeedStemOrFolder) {
    const std::vector<std::string> scenes = {"/d/a.tif", "/d/b.tif"};
    EXPECT_EQ(make(Task::classification, "classification", scenes, "/o/{stem}_map.tif").products[1].path,
              "/o/{stem}_map.html");
    EXPECT_EQ(make(Task::classification, "classification", scenes, "/o/maps").products[0].path,
              "/o/maps/{stem}.tif");
    EXPECT_EQ(make(Task::classification, "classification", {"/d/a.tif"}, folder_.path()).products[0].path,
              folder_.file("{stem}.tif"));
    const auto stacked = make(Task::classification, "classification", scenes, "/o/map.tif", true);
    EXPECT_EQ(stacked.scenes.at(0).paths, scenes);
    EXPECT_EQ(
        message(Task::classification, "classification", scenes, "/o/map.tif"),
        "64 -o /o/map.tif: 2 scenes would write to one file; put {stem} into it, name a folder, or --stack");
}

TEST_F(OneLineVerb, EachTaskHasItsProduct) {
    EXPECT_EQ(make(Task::classification, "identity", {"/a.tif"}, "/o.tif").products[0].kind, "bands");
    EXPECT_EQ(make(Task::segmentation, "classification", {"/a.tif"}, "/o.tif").products[0].kind, "class_map");
    EXPECT_EQ(make(Task::detection, "detection", {"/a.tif"}, "/o.gpkg").products[0].kind, "detections");
    EXPECT_EQ(make(Task::detection, "detection", {"/a.tif"}, "/o.tif").products[0].kind, "mask");
    EXPECT_EQ(make(Task::labels, "labels", {"/a.tif"}, "/o.gpkg").products[0].kind, "labels");
    const auto change = make(Task::change, "change", {"/a.tif", "/b.tif"}, "/o.tif");
    EXPECT_EQ(change.products[0].kind, "change_map");
    EXPECT_TRUE(change.scenes.at(0).change);
}

TEST_F(OneLineVerb, SettingsReachEveryKey) {
    const auto p = one_line({Task::classification, {"/a.tif"}, false, model("classification"), "/o.tif"},
                            {"tiling.tile=64", "products.confidence.path=/c.tif", "scene.nodata=3"});
    EXPECT_EQ(p.tiling.tile, 64);
    EXPECT_EQ(p.products.size(), 3u);
    EXPECT_EQ(p.scenes.at(0).nodata, 3);
}

TEST_F(OneLineVerb, MistakesAreTold) {
    EXPECT_EQ(
        message(Task::classification, "detection", {"/a.tif"}, "/o.tif"),
        "64 classify: the model " + folder_.file("detection") + " does detection; use 'spectile detect'");
    EXPECT_EQ(message(Task::change, "change", {"/a.tif"}, "/o.tif"),
              "64 change takes two scenes, BEFORE and AFTER; got 1");
    EXPECT_EQ(message(Task::classification, "classification", {}, "/o.tif"), "64 no scene is named");
    EXPECT_EQ(message(Task::classification, "classification", {"/a.tif"}, ""),
              "64 no output is named; give -o OUT");
}

}  // namespace
}  // namespace spectile
