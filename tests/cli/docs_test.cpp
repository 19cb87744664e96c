// Commands in docs/*.md: what can be run here is run, what cannot is listed, and all of them have verbs and
// options that exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>

#include "cli/page_reader.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;

const std::string kDocs = SPECTILE_SOURCE_DIR "/docs/";

/// What pages take for granted: scenes, models and definitions of the reader's own, under the names used
/// there.
const std::map<std::string, std::string>& given() {
    static const std::map<std::string, std::string> scripts{
        {"clusters", R"(simulate_scene scene --size 128x128 && simulate_scene other --size 64x64
pipeline() { printf 'spectile: 1\n%s\nmodel: enmap-landcover\ntiling: {part: 32}\nproducts: {class_map: "%s"}\n' "$@"; }
pipeline 'scene: scene.hdr' landcover.tif > landcover.yaml
pipeline 'scenes: [scene.hdr, other.hdr]' 'maps/{stem}.tif' > p.yaml
printf 'spectile: 1\ncontainer: spectile\nclaim: maps\nmount: %s\n' "$PWD" > site.yaml
cp -r "$SPECTILE_MODELS/enmap-landcover" . && mkdir landcover.jobs
spectile plan landcover.yaml --shards 16 --manifest landcover.jobs/manifest.json &&
spectile run landcover.yaml --manifest landcover.jobs/manifest.json --shard 1)"},
        {"guarantees", R"(simulate_scene scene --size 240x200 && make_torchscript MODEL local
gdal_translate -q -b 10 -b 20 -b 30 scene.dat SCENE
printf 'spectile: 1\nscene: scene.hdr\nmodel: enmap-landcover\nproducts: {class_map: out/landcover.tif}\n' > p.yaml)"},
        {"results", R"(simulate_scene scene --size 120x100
spectile init classify scene.hdr -m enmap-landcover -o landcover.yaml)"},
        {"stac", R"(cp -r "$SPECTILE_MODELS/enmap-landcover" MODEL)"},
    };
    return scripts;
}

/// Every line in its turn, `--shard auto` once for each task of an array of sixteen; the first that fails
/// ends it.
std::string script_of(const Block& block) {
    std::string out;
    bool goes_on = false;
    for (const auto& line : block.text) {
        const auto remark = line.substr(0, line.find(" #"));
        if (line.find("--shard auto") == std::string::npos)
            out += line + "\n";
        else
            out += "for task in $(seq 16); do SLURM_ARRAY_TASK_ID=$task " + remark + " || exit; done\n";
        goes_on = line.ends_with('\\');
        if (!goes_on) out += "[ $? = 0 ] || exit 1\n";
    }
    return out;
}

std::vector<fs::path> pages() {
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(kDocs))
        if (entry.path().extension() == ".md") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

class Page : public testing::TestWithParam<std::string> {};

TEST_P(Page, CommandsWork) {
    const Folder folder;
    const PageReader reader(fs::path(folder / "").parent_path().string());
    const auto before = reader.type(given().at(GetParam()));
    ASSERT_EQ(before.status, 0) << before.out;
    int run = 0;
    for (const auto& block : DocPage(kDocs + GetParam() + ".md").blocks()) {
        if (block.language != "sh" || !block.not_run.empty()) continue;
        const auto outcome = reader.type(script_of(block));
        EXPECT_EQ(outcome.status, 0) << GetParam() << ".md:" << block.line << "\n" << outcome.out;
        ++run;
    }
    EXPECT_GT(run, 0);
}

INSTANTIATE_TEST_SUITE_P(Docs, Page, testing::Values("clusters", "guarantees", "results", "stac"),
                         [](const auto& page) { return page.param; });

// The list does not grow silently, and no page with commands is passed over.
TEST(Docs, WhatIsNotRunIsListed) {
    const std::string data = "needs data that are not part of the repository";
    std::map<std::string, std::vector<std::string>> found;
    for (const auto& path : pages()) {
        const DocPage page(path.string());
        EXPECT_THAT(page.stray_commands(), testing::IsEmpty())
            << path << ": commands belong into fenced blocks";
        for (const auto& block : page.blocks()) {
            const std::string name = fs::relative(path, kDocs).replace_extension().string();
            if (!block.not_run.empty())
                found[name].push_back(block.not_run);
            else if (block.language == "sh" && !given().contains(name))
                ADD_FAILURE() << path << ":" << block.line << ": nothing runs this";
        }
    }
    const std::map<std::string, std::vector<std::string>> listed{
        {"accuracy", std::vector<std::string>(10, data)},
        {"clusters",
         {"needs a cluster; test_slurm starts one and does",
          "needs a cluster; test_slurm_pretraining starts one and does",
          "needs a cluster with devices; it never was"}},
        {"gpu", {"needs nvcc and a device; tests/run-gpu.sh does", data}},
        {"pretraining", {"needs a published checkpoint; test_convert writes a small one and does"}},
        {"tutorials/README", {"the tests begin where these lines lead"}},
        {"tutorials/bring-a-network",
         {"no PyTorch for Python here; the test hands `forward` to LibTorch, which saves the same network"}},
    };
    EXPECT_EQ(found, listed);
}

/// The words of each command of a block that starts the program, after variables and without remarks.
std::vector<std::vector<std::string>> words_of_commands(const Block& block) {
    static const std::regex begin("^(?:\\$ )?(?:[A-Z_]+=\\S+ )*spectile (.*)");
    std::vector<std::vector<std::string>> out;
    for (std::size_t i = 0; i < block.text.size(); ++i) {
        std::smatch found;
        if (!std::regex_match(block.text[i], found, begin)) continue;
        std::string text = found[1];
        while (text.ends_with('\\') && i + 1 < block.text.size())
            text = text.substr(0, text.size() - 1) + block.text[++i];
        std::istringstream words(text.substr(0, text.find(" #")));
        out.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
    }
    return out;
}

// Also those that cannot be run here.
TEST(Docs, CommandsHaveVerbsAndOptionsThatExist) {
    std::map<std::string, std::string> help;
    int commands = 0;
    const auto check = [&](const std::vector<std::string>& words, const std::string& where) {
        const std::string verb = words.at(0).starts_with("-") ? "" : words[0];
        if (!help.contains(verb)) {
            const auto outcome = verb.empty() ? run_spectile({"--help"}) : run_spectile({verb, "--help"});
            EXPECT_EQ(outcome.status, 0) << where << ": spectile " << verb;
            help[verb] = outcome.out;
        }
        for (const auto& word : words) {
            if (!word.starts_with("--")) continue;
            EXPECT_THAT(help[verb], testing::HasSubstr(word.substr(0, word.find('='))))
                << where << ": spectile " << verb;
        }
        ++commands;
    };
    for (const auto& path : pages())
        for (const auto& block : DocPage(path.string()).blocks())
            if (block.language == "sh")
                for (const auto& words : words_of_commands(block))
                    check(words, path.string() + ":" + std::to_string(block.line));
    EXPECT_GE(commands, 15);
}

}  // namespace
}  // namespace spectile::test
