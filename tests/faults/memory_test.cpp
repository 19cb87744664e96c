// --memory is a promise: planned from, refused with the figure where it cannot be kept, and kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// What malloc keeps and page granularity adds on top of the budget, in MiB.
constexpr double kSlack_MiB = 24;

class Memory : public testing::Test {
protected:
    Memory() { folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n"); }

    void SetUp() override {
        if (kSanitized) GTEST_SKIP() << "the sanitizer's own memory would be measured";
    }
    std::string pipeline(const std::string& scene, const std::string& model = "identity",
                         const std::string& kind = "bands") {
        return folder.write("p.yaml", "spectile: 1\nscene: {path: " + scene + "}\nmodel: " + model +
                                          "\nproducts:\n  " + kind + ": {path: out.tif}\n");
    }
    Outcome run_with(const std::string& definition, const std::string& memory) {
        return run_spectile({"run", definition, "--memory", memory, "--threads", "2", "--overwrite"}, 600);
    }
    /// The budget that the plan asks for when it is given too little; the run then stays within it.
    void expect_kept_at_the_least_budget(const std::string& definition, const std::string& what) {
        SCOPED_TRACE(what);
        const auto refused = run_with(definition, "16MiB");
        EXPECT_EQ(refused.status, 71) << refused.err;
        std::smatch figure;
        const auto message = refused.messages().at(0);
        ASSERT_TRUE(std::regex_search(message, figure, std::regex("needs ([0-9]+) MiB"))) << message;
        const auto outcome = run_with(definition, figure[1].str() + "MiB");
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_LT(outcome.peak_mib, std::stod(figure[1]) + kSlack_MiB);
    }
    /// Pixels that differ and compress badly, so that nothing is smaller than planned.
    void noise(const std::string& name, const std::string& size, const std::vector<std::string>& more) {
        std::string text = "ncols 64\nnrows 64\nxllcorner 0\nyllcorner 0\ncellsize 1\n";
        for (unsigned i = 0, state = 1; i < 4096; ++i, state = state * 1664525U + 1013904223U)
            text += std::to_string(1 + (state >> 20)) + (i % 64 == 63 ? "\n" : " ");
        folder.write("noise.asc", text);
        std::vector<std::string> command = {"gdal_translate",
                                            "-q",
                                            "-ot",
                                            "UInt16",
                                            "-outsize",
                                            size.substr(0, size.find('x')),
                                            size.substr(size.find('x') + 1)};
        command.insert(command.end(), more.begin(), more.end());
        command.insert(command.end(), {folder / "noise.asc", folder / name});
        gdal(command);
    }
    const Folder folder;
};

TEST_F(Memory, ABudgetThatIsTooSmallIsRefusedWithTheFigureAndTheFigureIsEnough) {
    noise("scene.tif", "1500x1200", {"-co", "TILED=YES"});
    const auto definition = pipeline("scene.tif");
    const auto refused = run_with(definition, "16MiB");
    EXPECT_EQ(refused.status, 71) << refused.err;
    ASSERT_EQ(refused.messages().size(), 1u);
    std::smatch figure;
    const auto message = refused.messages()[0];
    ASSERT_TRUE(std::regex_search(message, figure, std::regex("needs ([0-9]+) MiB"))) << message;
    EXPECT_FALSE(fs::exists(folder / "out.tif"));
    const double least = std::stod(figure[1]);
    const auto outcome = run_with(definition, figure[1].str() + "MiB");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_LT(outcome.peak_mib, least + kSlack_MiB);
}

TEST_F(Memory, PeakStaysWithinTheBudgetInEveryInterleave) {
    std::vector<std::string> bands;
    for (int i = 0; i < 200; ++i) bands.insert(bands.end(), {"-b", "1"});
    for (const std::string interleave : {"BSQ", "BIL", "BIP"}) {
        auto options = bands;
        options.insert(options.end(), {"-of", "ENVI", "-co", "INTERLEAVE=" + interleave});
        noise("scene.dat", "700x500", options);
        expect_kept_at_the_least_budget(pipeline("scene.dat"), interleave);
    }
}

TEST_F(Memory, PeakStaysWithinTheBudgetOfANetwork) {
    const std::string model = SPECTILE_SOURCE_DIR "/models/enmap-landcover";
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "600x500"}).status, 0);
    const auto definition = pipeline("scene.dat", model, "class_map");
    expect_kept_at_the_least_budget(definition, "spectral_mamba");
}

TEST_F(Memory, TwiceTheHeightTakesNoMore) {
    std::vector<double> peaks;
    // More than one part in each: while the first is computed nothing is read for a second.
    for (const char* size : {"3000x8000", "3000x16000"}) {
        noise("scene.tif", size, {"-b", "1", "-b", "1", "-b", "1", "-b", "1", "-co", "TILED=YES"});
        const auto outcome = run_with(pipeline("scene.tif"), "256MiB");
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_LT(outcome.peak_mib, 256 + kSlack_MiB);
        peaks.push_back(outcome.peak_mib);
    }
    // Reading ahead falls out differently from run to run; what grew with the height would be 192 MB more.
    EXPECT_LT(peaks[1], peaks[0] + kSlack_MiB);
}

/// A memory cgroup of our own; needs the right to make one.
TEST_F(Memory, ARunInASmallCgroupLivesOrIsRefusedInWords) {
    const std::string group = "/sys/fs/cgroup/memory/spectile-test-" + std::to_string(::getpid());
    std::error_code failure;
    if (!fs::exists("/sys/fs/cgroup/memory/cgroup.procs") || !fs::create_directory(group, failure))
        GTEST_SKIP() << "no cgroup v1 memory controller that may be used";
    std::ofstream(group + "/memory.limit_in_bytes") << (512 << 20);
    noise("scene.tif", "4000x3000", {"-b", "1", "-b", "1", "-b", "1", "-b", "1", "-co", "TILED=YES"});
    const auto inside = [&](const std::vector<std::string>& more) {
        std::string command = "echo $$ > " + group + "/cgroup.procs; exec \"$@\"";
        std::vector<std::string> words = {
            "sh", "-c", command, "sh", built("spectile"), "run", pipeline("scene.tif"), "--overwrite"};
        words.insert(words.end(), more.begin(), more.end());
        return run(words, 300);
    };
    const auto lives = inside({});
    EXPECT_EQ(lives.status, 0) << lives.err;
    EXPECT_LT(lives.peak_mib, 512);
    const auto refused = inside({"--set", "tiling.tile=4096", "--restart"});
    EXPECT_THAT(refused.status, testing::AnyOf(0, 71)) << refused.err;
    fs::remove(group, failure);
}

}  // namespace
}  // namespace spectile::test
