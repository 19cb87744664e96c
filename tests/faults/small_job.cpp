#include "faults/small_job.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "cli/raster_text.hpp"

namespace spectile::test {

SmallJob::SmallJob(bool raw) {
    folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    // Every pixel differs from its neighbours: the red, green and blue of a smooth ramp in two directions.
    folder.write("ramp.asc", [] {
        std::string text = "ncols 40\nnrows 30\nxllcorner 0\nyllcorner 0\ncellsize 1\n";
        for (int i = 0; i < 1200; ++i) text += std::to_string(i * 37 % 5003) + (i % 40 == 39 ? "\n" : " ");
        return text;
    }());
    std::vector<std::string> translate = {
        "gdal_translate", "-q",   "-ot",  "UInt16", "-b",      "1", "-b", "1", "-b", "1",
        "-outsize",       "2000", "1500", "-r",     "bilinear"};
    scene = folder / (raw ? "scene.dat" : "scene.tif");
    for (const std::string option : {"-of", raw ? "ENVI" : "GTiff"}) translate.push_back(option);
    if (!raw) translate.insert(translate.end(), {"-co", "TILED=YES", "-co", "COMPRESS=DEFLATE"});
    translate.insert(translate.end(), {folder / "ramp.asc", scene});
    gdal(translate);
    EXPECT_EQ(start("straight").status, 0);
}

std::string SmallJob::definition(const std::string& product) const {
    return folder.write(product + ".yaml",
                        "spectile: 1\nscene: {path: " + scene +
                            "}\nmodel: identity\ntiling: {tile: 64, part: 512}\nproducts:\n"
                            "  bands: {path: " +
                            product + "/bands.tif}\n");
}

std::vector<std::string> SmallJob::command(const std::string& product, std::vector<std::string> more) const {
    more.insert(more.begin(), {built("spectile"), "run", definition(product), "--threads", "2"});
    return more;
}

Outcome SmallJob::start(const std::string& product, std::vector<std::string> more) const {
    return run(command(product, std::move(more)));
}

bool SmallJob::is_right(const std::string& product) const {
    for (const char* name : {"/bands.tif", "/bands.tif.spectile.json"}) {
        const auto text = text_of(folder / (product + name));
        if (text.empty() || text != text_of(folder / (std::string("straight") + name))) return false;
    }
    return run_spectile({"verify", folder / (product + "/bands.tif")}).status == 0;
}

std::string SmallJob::work(const std::string& product) const {
    return folder / (product + "/.bands.tif.spectile");
}

}  // namespace spectile::test
