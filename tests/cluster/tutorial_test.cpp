// docs/tutorials/run-on-a-cluster.md, on a real Slurm: what its commands print is what the page says.
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/page_reader.hpp"
#include "cluster/slurm_cluster.hpp"

namespace spectile::test {
namespace {

TEST(SlurmTutorial, PrintsWhatItsPageSays) {
    if (const auto missing = SlurmCluster::missing(); !missing.empty()) GTEST_SKIP() << missing;
    const SlurmCluster cluster;
    if (!cluster.failure().empty()) GTEST_SKIP() << cluster.failure();
    std::filesystem::create_directory(cluster.folder / "maps");
    PageReader(cluster.folder / "maps").follow(SPECTILE_SOURCE_DIR "/docs/tutorials/run-on-a-cluster.md");
}

}  // namespace
}  // namespace spectile::test
