#pragma once

#include <string>
#include <vector>

namespace spectile::test {

/// A fenced block of a page.
struct Block {
    std::string language;  ///< "console": `$ ` commands with what they print; "sh": a script; else a text.
    std::string file;      ///< The word after the language: the file that a reader saves the text as.
    std::string not_run;   ///< Why it is not run here: `<!-- not run: REASON -->` on the line above.
    int line = 0;          ///< Of the opening fence, from 1.
    std::vector<std::string> text;
};

/// A page of the documentation, as lines.
class DocPage {
public:
    explicit DocPage(std::string path);
    std::vector<Block> blocks() const { return blocks_; }
    /// Lines that look like commands outside of fenced blocks, where nothing would run them.
    std::vector<std::string> stray_commands() const;
    /// Writes the page again with other lines in some blocks, one text a block.
    void rewrite(const std::vector<std::vector<std::string>>& texts) const;

private:
    std::string path_;
    std::vector<std::string> lines_;
    std::vector<Block> blocks_;
};

/// A command of a console block, its lines joined, and the lines that the page says it prints.
struct Shown {
    std::vector<std::string> command;  ///< As on the page, the first line with its `$ `.
    std::vector<std::string> printed;
    std::string to_type() const;
};
std::vector<Shown> commands_shown(const Block& block);

/// What a program printed, in lines, as a page shows it: progress left out, `folder` called ~/maps.
std::vector<std::string> shown_output(const std::string& output, const std::string& folder);

/// Whether two lines say the same, as far as machines agree: times, rates, bytes, thread counts and hashes
/// may differ, and numbers with a decimal point by 2 % or 0.02 (other instruction sets round otherwise).
bool same_line(const std::string& one, const std::string& other);

}  // namespace spectile::test
