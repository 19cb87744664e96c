#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace spectile::cli {

/// What a page or a shell says of one argument of a verb, read off the parser itself.
struct OptionText {
    std::vector<std::string> names;    ///< As typed: -b, --band; of a positional its name alone.
    std::string type;                  ///< FILE, N, ...; empty for flags.
    std::string description;           ///< One sentence.
    std::string fallback;              ///< The default, where the parser shows one.
    std::vector<std::string> choices;  ///< Where only these words will do.
    bool positional = false;

    bool takes_value() const { return !type.empty() && !positional; }
    bool names_file() const { return type == "FILE" || type == "DIR"; }
};

/// The arguments of a command, in the order of its help.
std::vector<OptionText> option_texts(const CLI::App& command);

/// Every verb of the program.
std::vector<const CLI::App*> verbs_of(const CLI::App& app);

}  // namespace spectile::cli
