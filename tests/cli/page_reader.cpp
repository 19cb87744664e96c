#include "cli/page_reader.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace spectile::test {
namespace {

std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) out += line + "\n";
    return out;
}

void save(const std::string& path, const std::vector<std::string>& lines) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << joined(lines);
}

bool same_lines(const std::vector<std::string>& some, const std::vector<std::string>& others) {
    if (some.size() != others.size()) return false;
    for (std::size_t i = 0; i < some.size(); ++i)
        if (!same_line(some[i], others[i])) return false;
    return true;
}

}  // namespace

PageReader::PageReader(std::string folder) : folder_(std::move(folder)) {}

Outcome PageReader::type(const std::string& script, double limit_seconds) const {
    const std::string programs = std::filesystem::path(built("spectile")).parent_path().string();
    return run(
        {"bash", "-c",
         "set -o pipefail\nexport LC_ALL=C.UTF-8 SPECTILE_MODELS='" SPECTILE_SOURCE_DIR "/models' PATH='" +
             programs + "':'" + programs + "/examples:" + programs + "/tests':$PATH HOME='" + folder_ +
             "'\ncd '" + folder_ + "'\nexec 2>&1\n" + script},
        limit_seconds);
}

std::vector<std::string> PageReader::follow_console(const Block& block, const std::string& where) const {
    std::vector<std::string> out;
    for (const auto& shown : commands_shown(block)) {
        const auto outcome = type(shown.to_type());
        EXPECT_EQ(outcome.status, 0) << where << ": " << shown.to_type() << outcome.out;
        const auto printed = shown_output(outcome.out, folder_);
        out.insert(out.end(), shown.command.begin(), shown.command.end());
        // A line that says the same stays as it is, so that an update changes no more than it must.
        for (std::size_t i = 0; i < printed.size(); ++i)
            out.push_back(i < shown.printed.size() && same_line(printed[i], shown.printed[i])
                              ? shown.printed[i]
                              : printed[i]);
        if (std::getenv("UPDATE_TUTORIALS") == nullptr) {
            EXPECT_TRUE(same_lines(printed, shown.printed))
                << where << ": " << shown.to_type() << "prints\n"
                << joined(printed) << "and the page says\n"
                << joined(shown.printed) << "UPDATE_TUTORIALS=1 in the environment writes it anew";
        }
    }
    return out;
}

void PageReader::follow(const std::string& page) const {
    const DocPage read(page);
    std::vector<std::vector<std::string>> texts;
    for (const auto& block : read.blocks()) {
        const std::string where = page + ":" + std::to_string(block.line);
        texts.push_back(block.text);
        if (block.language == "console" && block.not_run.empty())
            texts.back() = follow_console(block, where);
        else if (!block.file.empty())
            save(folder_ + "/" + block.file, block.text);
    }
    if (std::getenv("UPDATE_TUTORIALS") != nullptr) read.rewrite(texts);
}

}  // namespace spectile::test
