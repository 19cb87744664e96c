#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/console.hpp"

namespace CLI {
class App;
}

namespace spectile::cli {

/// What a verb does once its command line is understood: returns the exit status.
using Action = std::function<int()>;

/// A verb of the program. `declare` adds its arguments to the parser and returns what it does with them; the
/// console outlives the action. Each verb is one file and one row of `verbs()`.
struct Verb {
    std::string name;
    std::string summary;
    Action (*declare)(CLI::App& app, Console& console);
};

/// All verbs, in the order of `--help`.
const std::vector<Verb>& verbs();

/// -q, -v and --json, which every verb has.
void declare_output(CLI::App& app, Console& console);

}  // namespace spectile::cli
