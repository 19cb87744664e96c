#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;

const std::string kFolder = SPECTILE_SOURCE_DIR "/../shared/data/robustness";
const std::set<int> kDocumented = {0, 65, 66, 71, 74, 77};

/// Odd and broken rasters: whatever comes, the program ends with a right result or one clear line.
TEST(Robustness, EveryOddRasterEndsInADocumentedWay) {
    if (!fs::exists(kFolder)) GTEST_SKIP() << "no folder " << kFolder;
    const Folder folder;
    folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    const auto out = folder / "out.tif";
    int done = 0, files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(kFolder)) {
        if (!entry.is_regular_file() || entry.path().parent_path() == fs::path(kFolder)) continue;
        ++files;
        const auto pipeline =
            folder.write("p.yaml", "spectile: 1\nscene: {path: '" + fs::canonical(entry).string() +
                                       "'}\nmodel: identity\nproducts: {bands: {path: out.tif}}\n");
        const auto outcome =
            run_spectile({"run", pipeline, "--threads", "1", "--memory", "1GiB", "--lossy"}, 60);
        EXPECT_TRUE(kDocumented.contains(outcome.status))
            << entry.path() << " ended with " << outcome.status << ": " << outcome.err;
        EXPECT_EQ(outcome.messages().size(), outcome.status == 0 ? 0u : 1u)
            << entry.path() << ": " << outcome.err;
        EXPECT_EQ(fs::exists(out), outcome.status == 0) << entry.path() << ": " << outcome.err;
        done += outcome.status == 0;
        std::error_code ignored;
        for (const auto& name : folder.names())
            if (!name.starts_with("identity")) fs::remove_all(folder / name, ignored);
    }
    EXPECT_GT(files, 300);
    EXPECT_GT(done, 150) << "most of these files are sound";
}

}  // namespace
}  // namespace spectile::test
