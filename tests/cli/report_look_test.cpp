// The report as a browser shows it: light and dark, on a desk and on a phone. With
// SPECTILE_SCREENSHOTS=FOLDER the pictures are kept there, to be looked at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using Json = nlohmann::json;

struct Look {
    std::string name;
    bool dark = false;
    int width = 0;
};

class ReportLook : public testing::TestWithParam<Look> {
protected:
    void SetUp() override {
        if (run({"sh", "-c", "command -v chromium"}).status != 0)
            GTEST_SKIP() << "Chromium is not installed (Debian: chromium)";
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "200x160"}).status, 0);
        folder.write("map.yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " SPECTILE_SOURCE_DIR
                                 "/models/enmap-landcover\nproducts:\n  class_map: {path: map.tif}\n"
                                 "  confidence: {path: confidence.tif}\n  report: {path: report.html}\n");
        ASSERT_EQ(run_spectile({"run", folder / "map.yaml"}).status, 0);
        auto page = text_of(folder / "report.html");
        page.insert(page.find("<title>"),
                    "<script>" + text_of(SPECTILE_SOURCE_DIR "/tests/cli/report_look.js") + "</script>");
        folder.write("looked.html", page);
    }
    /// A window cannot be as narrow as a phone, a frame can.
    void frame(int height) const {
        folder.write(
            "frame.html",
            "<!doctype html><style>:root{color-scheme:light dark}body{margin:0}iframe{border:0;width:" +
                std::to_string(GetParam().width) + "px;height:" + std::to_string(height) +
                "px}</style><title>nothing</title><script>addEventListener('message', "
                "event => { document.title = JSON.stringify(event.data); });</script>"
                "<iframe src=looked.html></iframe>");
    }
    Outcome browse(const std::vector<std::string>& what, int height) const {
        std::vector<std::string> command{
            "chromium",
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--user-data-dir=" + (folder / "profile"),
            "--virtual-time-budget=5000",
            std::string("--blink-settings=preferredColorScheme=") + (GetParam().dark ? "0" : "1"),
            "--window-size=" + std::to_string(std::max(GetParam().width, 500)) + "," +
                std::to_string(height)};
        command.insert(command.end(), what.begin(), what.end());
        command.push_back("file://" + (folder / "frame.html"));
        return run(command, 120);
    }
    /// What the page tells of itself.
    Json told() const {
        frame(3000);
        const auto outcome = browse({"--dump-dom"}, 3000);
        std::smatch found;
        if (!std::regex_search(outcome.out, found, std::regex("<title>(\\{[^<]*)</title>"))) {
            ADD_FAILURE() << "the page told nothing: " << outcome.err.substr(0, 500);
            return {};
        }
        return Json::parse(std::regex_replace(found[1].str(), std::regex("&amp;"), "&"));
    }
    /// The mean of the picture's first band, over the report alone.
    double brightness(int height) const {
        frame(height);
        const std::string picture = folder / "look.png";
        EXPECT_EQ(browse({"--screenshot=" + picture}, height).status, 0);
        gdal({"gdal_translate", "-q", "-srcwin", "0", "0", std::to_string(GetParam().width),
              std::to_string(height), picture, folder / "cut.png"});
        if (const char* kept = std::getenv("SPECTILE_SCREENSHOTS"))
            std::filesystem::copy_file(folder / "cut.png", std::string(kept) + "/" + GetParam().name + ".png",
                                       std::filesystem::copy_options::overwrite_existing);
        const auto info = Json::parse(run({"gdalinfo", "-json", "-stats", folder / "cut.png"}).out);
        return info["bands"][0]["mean"].get<double>();
    }
    const Folder folder;
};

TEST_P(ReportLook, IsWholeReadableAndFitsTheWindow) {
    const auto page = told();
    ASSERT_TRUE(page.is_object());
    EXPECT_THAT(page["faults"], testing::IsEmpty()) << page["faults"];
    EXPECT_EQ(page["width"], GetParam().width);
    EXPECT_LE(page["needed"], GetParam().width) << "the page would scroll sideways";
    EXPECT_GT(page["images"], 1);
    EXPECT_EQ(page["undecoded"], 0);
    EXPECT_GT(page["contrast"]["seen"], 50);
    EXPECT_GE(page["contrast"]["ratio"].get<double>(), 4.5) << page["contrast"]["text"];
    EXPECT_EQ(page["dark"], GetParam().dark);
    const double mean = brightness(page["height"].get<int>());
    if (GetParam().dark) {
        EXPECT_LT(page["paper"], 0.05);
        EXPECT_LT(mean, 90);
    } else {
        EXPECT_GT(page["paper"], 0.8);
        EXPECT_GT(mean, 165);
    }
}

INSTANTIATE_TEST_SUITE_P(Windows, ReportLook,
                         testing::Values(Look{"light_desk", false, 1200}, Look{"dark_desk", true, 1200},
                                         Look{"light_phone", false, 390}, Look{"dark_phone", true, 390}),
                         [](const auto& look) { return look.param.name; });

}  // namespace
}  // namespace spectile::test
