// Kubernetes manifests against the types of Kubernetes' own API, by the npm package kubernetes-models. No
// cluster runs them here. Skipped with a message where npm or its registry is not at hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Kubernetes : public testing::Test {
protected:
    void SetUp() override {
        if (run({"sh", "-c", "command -v npm && command -v node"}).status != 0)
            GTEST_SKIP() << "npm is not installed";
        for (const char* name : {"package.json", "validate.mjs"})
            fs::copy_file(std::string(SPECTILE_SOURCE_DIR "/tests/cluster/kubernetes/") + name,
                          folder / name);
        const auto installed =
            run({"npm", "install", "--no-audit", "--no-fund", "--prefix", folder / ""}, 120);
        if (installed.status != 0) GTEST_SKIP() << "kubernetes-models cannot be installed: " << installed.err;
    }
    Outcome validate(std::vector<std::string> files) const {
        files.insert(files.begin(), {"node", folder / "validate.mjs"});
        return run(files);
    }
    const Folder folder;
};

TEST_F(Kubernetes, WhatSubmitWritesIsValid) {
    folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "700x600"}).status, 0);
    folder.write(
        "site.yaml",
        "spectile: 1\ncontainer: registry.example/spectile:0.1\nclaim: scenes\nmount: " + folder / "" +
            "\nstorage: 100Gi\nstorage_class: shared\nnamespace: maps\nscratch: /scratch\n");
    // With whole-scene statistics, so that there is a job for them too.
    const auto pipeline =
        folder.write("p.yaml",
                     "spectile: 1\nscene: {path: scene.dat}\nmodel: identity\ntiling: {part: 512}\n"
                     "prepare:\n  - standardise: {from: scene}\nproducts:\n  bands: {path: out.tif}\n");
    const auto outcome = run_spectile(
        {"submit", pipeline, "--to", "kubernetes", "--shards", "2", "--site", folder / "site.yaml"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto valid = validate({folder / "p.jobs/claim.yaml", folder / "p.jobs/statistics.yaml",
                                 folder / "p.jobs/shards.yaml", folder / "p.jobs/merge.yaml"});
    EXPECT_EQ(valid.status, 0) << valid.err;
    EXPECT_THAT(valid.out, testing::AllOf(HasSubstr("claim.yaml: v1 PersistentVolumeClaim: valid"),
                                          HasSubstr("shards.yaml: batch/v1 Job: valid")));
}

TEST_F(Kubernetes, TheRecipeOfACronJobIsValidAndABrokenOneIsNot) {
    const std::string recipe = SPECTILE_SOURCE_DIR "/examples/scheduled/cronjob.yaml";
    const auto valid = validate({recipe});
    EXPECT_EQ(valid.status, 0) << valid.err;
    auto text = text_of(recipe);
    text.replace(text.find("backoffLimit: 0"), 15, "backoffLimit: no number");
    EXPECT_EQ(validate({folder.write("broken.yaml", text)}).status, 1);
}

}  // namespace
}  // namespace spectile::test
