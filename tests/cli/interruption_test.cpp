#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::AnyOf;

/// A run of many small parts, interrupted in several ways; the straight run's bytes are the yardstick.
class Interrupted : public testing::TestWithParam<int> {
protected:
    Interrupted() {
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        EXPECT_EQ(run({built("examples/simulate_scene"), folder / "small", "--size", "200x150"}).status, 0);
        gdal({"gdal_translate", "-q", "-of", "ENVI", "-b", "10", "-b", "50", "-b", "150", "-outsize", "1600",
              "1200", folder / "small.dat", folder / "scene.dat"});
        EXPECT_EQ(run_spectile({"run", pipeline("straight")}).status, 0);
    }
    std::string pipeline(const std::string& name) {
        return folder.write(name + ".yaml",
                            "spectile: 1\nscene: {path: scene.dat}\nmodel: identity\n"
                            "tiling: {tile: 64, part: 512}\nproducts:\n  bands: {path: " +
                                name + ".tif}\n");
    }
    const Folder folder;
};

TEST_P(Interrupted, EndsInOrderAndResumesToTheSameBytes) {
    const auto definition = pipeline("resumed");
    const auto status = folder / "status.json";
    const auto outcome =
        run({built("spectile"), "run", definition, "--threads", "1", "--status", status}, 120,
            {[&] { return text_of(status).find("\"stage\":\"tiles\"") != std::string::npos; }, GetParam()});
    const int stopped = GetParam() == SIGKILL ? 128 + SIGKILL : 75;
    EXPECT_THAT(outcome.status, AnyOf(0, stopped)) << outcome.err;
    EXPECT_TRUE(outcome.status != 75 || !std::filesystem::exists(folder / "resumed.tif"));
    const auto again = run_spectile({"run", definition});
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(checksums(folder / "straight.tif"), checksums(folder / "resumed.tif"));
}

INSTANTIATE_TEST_SUITE_P(Signals, Interrupted, testing::Values(SIGTERM, SIGINT, SIGUSR1, SIGKILL),
                         [](const auto& signal) { return std::string(sigabbrev_np(signal.param)); });

}  // namespace
}  // namespace spectile::test
