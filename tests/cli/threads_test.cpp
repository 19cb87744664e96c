// The threads that the user gave are all there are: libraries that bring their own are held to one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

std::string training(const std::string& scene) {
    return "spectile: 1\nname: small\noutput: model\narchitecture: spectral_mamba\n"
           "parameters: {patch_size: 5, piece_len: 50, d_model: 128}\n"
           "scene: {path: " +
           scene + ".dat}\nlabels: {path: " + scene +
           "_truth.dat, ignore: 0}\n"
           "classes:\n  - {value: 1, name: roof}\n  - {value: 2, name: pavement}\n"
           "  - {value: 3, name: low vegetation}\n  - {value: 4, name: tree}\n"
           "  - {value: 5, name: soil}\n  - {value: 6, name: water}\nnodata: 0\nquantity: reflectance\n"
           "prepare:\n  - standardise: {from: scene}\n"
           "split: {by: tiles, tile: 16, validation: [1]}\n"
           "recipe: {epochs: 3, batch: 512}\n";
}

/// OpenBLAS is loaded with GDAL and starts a thread for each core unless it is told otherwise in time, which
/// the environment of this test does. So the environment is emptied of it here.
TEST(Threads, OneThreadMeansOneWithoutAnyHelpOfTheEnvironment) {
    const Folder folder;
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "64x64"}).status, 0);
    const auto definition = folder.write("training.yaml", training(folder / "scene"));
    const auto outcome = run({"env", "-u", "OMP_NUM_THREADS", "-u", "OPENBLAS_NUM_THREADS", "-u",
                              "OMP_WAIT_POLICY", built("spectile"), "train", definition, "--threads", "1"},
                             300);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    ASSERT_GT(outcome.cpu_s, 2) << "too short to tell";
    EXPECT_LT(outcome.cpu_s / outcome.wall_s, 1.1);
}

}  // namespace
}  // namespace spectile::test
