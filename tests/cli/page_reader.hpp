#pragma once

#include <string>
#include <vector>

#include "cli/doc_page.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {

/// A reader who does what a page says, in its order, in a folder of their own.
class PageReader {
public:
    explicit PageReader(std::string folder);  ///< Given without a slash at its end.
    /// What bash says of a script in the folder, with the programs of this build and the project's models at
    /// hand.
    Outcome type(const std::string& script, double limit_seconds = 300) const;
    /// Saves the files, types the commands of the console blocks and compares what they print. With
    /// UPDATE_TUTORIALS in the environment the page is written again with what they printed.
    void follow(const std::string& page) const;

private:
    /// The block with what its commands print now.
    std::vector<std::string> follow_console(const Block& block, const std::string& where) const;
    std::string folder_;
};

}  // namespace spectile::test
