// Every command of the README, in its order, as a reader would type it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;

/// The indented lines of a page that start the program, without their remarks.
std::vector<std::string> commands_of(const std::string& page) {
    std::vector<std::string> out;
    std::istringstream lines(text_of(page));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("    spectile ")) out.push_back(line.substr(4, line.find(" #") - 4));
    return out;
}

void replace(std::string& text, const std::string& from, const std::string& to) {
    if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

/// The same command for every shard that the line stands for.
std::vector<std::string> shards_of(const std::string& command) {
    if (command.find("--shard 1/4") == std::string::npos) return {command};
    std::vector<std::string> out(4, command);
    for (int k = 0; k < 4; ++k)
        replace(out[static_cast<std::size_t>(k)], "1/4", std::to_string(k + 1) + "/4");
    return out;
}

class Readme : public testing::Test {
protected:
    /// What the README takes for granted: scenes, truth and definitions of the reader's own.
    void SetUp() override {
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "120x100"}).status, 0);
        gdal({"gdal_translate", "-q", folder / "scene_truth.dat", folder / "truth.tif"});
        gdal({"gdal_translate", "-q", "-b", "60", "-ot", "Byte", "-scale", "0", "6000", "-a_nodata", "none",
              folder / "scene.dat", folder / "frame.tif"});
        fs::create_symlink(SPECTILE_SOURCE_DIR "/models", folder / "models");
        fs::copy(SPECTILE_SOURCE_DIR "/pipelines", folder / "pipelines", fs::copy_options::recursive);
        folder.write("map.yaml",
                     "spectile: 1\nscene: scene.hdr\nmodel: models/enmap-landcover\ntiling: {part: 64}\n"
                     "products: {class_map: map.tif}\n");
        folder.write("my-training.yaml",
                     "spectile: 1\noutput: mine\narchitecture: spectral_mamba\n"
                     "parameters: {patch_size: 1, piece_len: 56, d_model: 8, d_state: 4}\n"
                     "scene: scene.hdr\nlabels: {path: truth.tif, ignore: 0}\n"
                     "classes: [roof, pavement, low vegetation, tree, soil, water]\n"
                     "prepare: [{standardise: {from: scene}}]\n"
                     "split: {by: tiles, tile: 20, folds: 3, validation_tiles: 1}\n"
                     "recipe: {epochs: 1, learning_rate: 0.02}\n");
    }
    Outcome type(const std::string& command) const {
        const auto program = fs::path(built("spectile")).parent_path().string();
        return run({"bash", "-c", "cd '" + (folder / "") + "' && PATH='" + program + "':$PATH && " + command},
                   300);
    }
    const Folder folder;
};

TEST_F(Readme, EveryCommandWorks) {
    const auto commands = commands_of(SPECTILE_SOURCE_DIR "/README.md");
    ASSERT_GE(commands.size(), 10u);
    for (const auto& written : commands)
        for (auto command : shards_of(written)) {
            replace(command, "/shared/work", folder / "shared");
            const auto outcome = type(command);
            EXPECT_EQ(outcome.status, 0) << command << "\n" << outcome.err;
        }
    for (const char* product :
         {"landcover.tif", "landcover.preview.tif", "targets.gpkg", "landcover.yaml", "map.tif"})
        EXPECT_TRUE(fs::exists(folder / product)) << product;
}

}  // namespace
}  // namespace spectile::test
