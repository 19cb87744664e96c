// The report's map, as a browser draws it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

/// Waits until the map is drawn, zooms in as a user would, and leaves what it sees in the page's title.
constexpr const char* kLook = R"x(<script>setTimeout(() => {
  const canvas = document.querySelector("#zoom canvas"), pen = canvas.getContext("2d");
  const seen = () => [...pen.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data].join(",");
  const whole = seen();
  for (let i = 0; i < 4; ++i) document.querySelector("[data-zoom='2']").click();
  canvas.dispatchEvent(new PointerEvent("pointermove", {clientX: 0, clientY: 0}));
  setTimeout(() => {
    document.querySelectorAll("[data-layer]").forEach(box => { if (box.checked) box.click(); });
    const close = seen();
    setTimeout(() => { document.title = `whole ${whole} close ${close} none ${seen()}`; }, 500);
  }, 500);
}, 500);</script>)x";

std::string title_of(const std::string& page) {
    std::smatch found;
    return std::regex_search(page, found, std::regex("<title>([^<]*)</title>")) ? found[1].str() : "";
}

TEST(Zoom, ShowsTheMapsColoursWholeAndClose) {
    if (run({"sh", "-c", "command -v chromium"}).status != 0)
        GTEST_SKIP() << "Chromium is not installed (Debian: chromium)";
    const Folder folder;
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "300x300"}).status, 0);
    folder.write("map.yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " SPECTILE_SOURCE_DIR
                             "/models/enmap-landcover\nproducts:\n  class_map: {path: map.tif}\n"
                             "  report: {path: report.html}\n");
    ASSERT_EQ(run_spectile({"run", folder / "map.yaml"}).status, 0);
    auto page = text_of(folder / "report.html");
    page.insert(page.rfind("</main>"), kLook);
    // Headless, time that is simulated brings no frames.
    page.insert(page.find("<body>"),
                "<script>window.requestAnimationFrame = f => setTimeout(f, 16);</script>");
    folder.write("looked.html", page);
    const auto outcome =
        run({"chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--user-data-dir=" + (folder / "profile"), "--window-size=1200,3000",
             "--virtual-time-budget=5000", "--dump-dom", "file://" + (folder / "looked.html")},
            120);
    const std::string title = title_of(outcome.out);
    const std::regex expected("whole ([0-9,]+),255 close ([0-9,]+),255 none 0,0,0,0");
    std::smatch found;
    ASSERT_TRUE(std::regex_match(title, found, expected)) << title << outcome.err.substr(0, 500);
    const std::string colours = "200,50,45 140,140,140 156,204,80 31,122,52 185,131,74 43,111,196";
    EXPECT_THAT(colours, testing::HasSubstr(found[1].str()));
    EXPECT_THAT(colours, testing::HasSubstr(found[2].str()));
}

}  // namespace
}  // namespace spectile::test
