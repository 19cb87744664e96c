#include "cli/doc_page.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>
#include <utility>

#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

std::string reason_on(const std::string& line) {
    static const std::regex marker("<!-- not run: (.+) -->");
    std::smatch found;
    return std::regex_match(line, found, marker) ? found[1].str() : "";
}

/// What may differ from one machine or run to the next becomes one letter.
std::string masked(std::string line) {
    static const std::vector<std::pair<std::regex, std::string>> rules{
        {std::regex("[0-9.]+ (s|ms|min|h|Mpx/s|MiB|GiB|kB|bytes|threads?)\\b"), "N $1"},
        {std::regex("\\b[0-9a-f]{16,64}\\b"), "HASH"},
    };
    for (const auto& [what, with] : rules) line = std::regex_replace(line, what, with);
    return line;
}

bool same_word(const std::string& one, const std::string& other) {
    if (one == other) return true;
    static const std::regex decimal("([^0-9]*)([0-9]+\\.[0-9]+(?:e-?[0-9]+)?)([^0-9]*)");
    std::smatch a, b;
    if (!std::regex_match(one, a, decimal) || !std::regex_match(other, b, decimal)) return false;
    const double x = std::stod(a[2]), y = std::stod(b[2]);
    return a[1] == b[1] && a[3] == b[3] && std::abs(x - y) <= std::max(0.02, 0.02 * std::abs(y));
}

}  // namespace

DocPage::DocPage(std::string path) : path_(std::move(path)), lines_(lines_of(text_of(path_))) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (!lines_[i].starts_with("```")) continue;
        Block block;
        std::istringstream info(lines_[i].substr(3));
        info >> block.language >> block.file;
        block.not_run = i > 0 ? reason_on(lines_[i - 1]) : "";
        block.line = static_cast<int>(i) + 1;
        while (++i < lines_.size() && lines_[i] != "```") block.text.push_back(lines_[i]);
        blocks_.push_back(std::move(block));
    }
}

std::vector<std::string> DocPage::stray_commands() const {
    static const std::regex command(
        "^ {4}(\\$ |([A-Z_]+=\\S+ )*(spectile |cmake |ctest |build/|tests/|pipelines/)).*");
    std::vector<std::string> out;
    bool fenced = false;
    for (const auto& line : lines_) {
        if (line.starts_with("```")) fenced = !fenced;
        if (!fenced && std::regex_match(line, command)) out.push_back(line);
    }
    return out;
}

void DocPage::rewrite(const std::vector<std::vector<std::string>>& texts) const {
    std::ofstream out(path_);
    std::size_t next = 0;
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        const auto open = static_cast<std::size_t>(blocks_[b].line);  // The line after the fence, from 0.
        for (; next < open; ++next) out << lines_[next] << '\n';
        for (const auto& line : texts.at(b)) out << line << '\n';
        next = open + blocks_[b].text.size();
    }
    for (; next < lines_.size(); ++next) out << lines_[next] << '\n';
}

std::string Shown::to_type() const {
    std::string out;
    for (const auto& line : command) out += (out.empty() ? line.substr(2) : line) + "\n";
    return out;
}

std::vector<Shown> commands_shown(const Block& block) {
    std::vector<Shown> out;
    bool goes_on = false;
    for (const auto& line : block.text) {
        if (goes_on)
            out.back().command.push_back(line);
        else if (line.starts_with("$ "))
            out.push_back({{line}, {}});
        else if (!out.empty())
            out.back().printed.push_back(line);
        goes_on = line.ends_with('\\') && (goes_on || line.starts_with("$ "));
    }
    return out;
}

std::vector<std::string> shown_output(const std::string& output, const std::string& folder) {
    static const std::regex progress("^[a-z]+ +[0-9]+ %  .*");
    std::vector<std::string> out;
    for (auto line : lines_of(output)) {
        if (std::regex_match(line, progress)) continue;
        for (auto at = line.find(folder); at != std::string::npos; at = line.find(folder))
            line.replace(at, folder.size(), "~/maps");
        line.erase(line.find_last_not_of(" \t\r") + 1);
        out.push_back(line);
    }
    return out;
}

bool same_line(const std::string& one, const std::string& other) {
    std::istringstream a(masked(one)), b(masked(other));
    std::string x, y;
    while (a >> x)
        if (!(b >> y) || !same_word(x, y)) return false;
    return !(b >> y);
}

}  // namespace spectile::test
