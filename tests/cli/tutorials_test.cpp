// Every command of docs/tutorials, in the order of its page, as a reader would type it, and what it prints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "cli/page_reader.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;

const std::string kPages = SPECTILE_SOURCE_DIR "/docs/tutorials/";
/// The page that needs a scheduler: tests/cluster/tutorial_test.cpp follows it.
constexpr const char* kOnACluster = "run-on-a-cluster";

/// What stands beside `network.pt` on the page that brings one: PyTorch's Python is not needed to make it.
void export_network(const Folder& folder) {
    std::string source;
    for (const auto& block : DocPage(kPages + "bring-a-network.md").blocks())
        if (block.file == "export.py")
            for (const auto& line : block.text)
                if (line.starts_with("    ")) source += line.substr(4) + "\n";
    const auto outcome =
        run({built("tests/make_torchscript"), folder / "my-network", folder.write("forward.txt", source)});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
}

class Tutorial : public testing::TestWithParam<std::string> {};

TEST_P(Tutorial, PrintsWhatItsPageSays) {
    const Folder folder;
    if (GetParam() == "bring-a-network") export_network(folder);
    PageReader(fs::path(folder / "").parent_path().string()).follow(kPages + GetParam() + ".md");
}

std::vector<std::string> pages_without_a_cluster() {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(kPages))
        if (entry.path().extension() == ".md" && entry.path().stem() != kOnACluster)
            out.push_back(entry.path().stem().string());
    return out;
}

INSTANTIATE_TEST_SUITE_P(Pages, Tutorial, testing::ValuesIn(pages_without_a_cluster()), [](const auto& page) {
    return std::regex_replace(page.param, std::regex("[^A-Za-z]"), "_");
});

TEST(SameLine, LetsMachinesDifferAndNothingElse) {
    EXPECT_TRUE(same_line("1 tiles, 45462 valid pixels in 1.6 s", "1 tiles, 45462 valid pixels in 12 s"));
    EXPECT_FALSE(same_line("1 tiles, 45462 valid pixels in 1.6 s", "1 tiles, 45461 valid pixels in 1.6 s"));
    EXPECT_TRUE(same_line("kappa 0.9271,", "kappa 0.9275,"));
    EXPECT_FALSE(same_line("kappa 0.9271", "kappa 0.8271"));
    EXPECT_FALSE(same_line("kappa 0.9271", "kappa"));
    EXPECT_TRUE(same_line("recipe 8ac078dc8e6781ca", "recipe 0123456789abcdef"));
    EXPECT_FALSE(same_line("recipe 8ac078dc8e6781ca", "recipe none"));
}

TEST(Console, JoinsLinesAndKeepsWhatIsPrinted) {
    const Folder folder;
    folder.write("page.md",
                 "Text.\n```console\n$ echo a \\\n    b\na b\n\nc\n$ true\n```\n    spectile run\n");
    const DocPage page(folder / "page.md");
    ASSERT_EQ(page.blocks().size(), 1u);
    const auto shown = commands_shown(page.blocks()[0]);
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_EQ(shown[0].to_type(), "echo a \\\n    b\n");
    EXPECT_THAT(shown[0].printed, testing::ElementsAre("a b", "", "c"));
    EXPECT_THAT(page.stray_commands(), testing::ElementsAre("    spectile run"));
    page.rewrite({{"$ true", "nothing"}});
    EXPECT_EQ(text_of(folder / "page.md"), "Text.\n```console\n$ true\nnothing\n```\n    spectile run\n");
}

}  // namespace
}  // namespace spectile::test
