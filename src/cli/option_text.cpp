#include "cli/option_text.hpp"

#include <CLI/CLI.hpp>

namespace spectile::cli {
namespace {

/// CLI11 writes a type with its check: "N:INT in [1 - 4096]", "WHICH:{new,failed,open}".
void read_type(const CLI::Option& option, OptionText& text) {
    if (option.get_items_expected_max() == 0) return;  // Flags have a type too, but take no value.
    const std::string whole = option.get_type_name();
    text.type = whole.substr(0, whole.find(':'));
    const auto open = whole.find('{'), close = whole.find('}');
    if (open == std::string::npos || close == std::string::npos) return;
    text.choices = CLI::detail::split(whole.substr(open + 1, close - open - 1), ',');
}

OptionText text_of(const CLI::Option& option) {
    OptionText text;
    text.positional = option.get_positional();
    for (const auto& name : option.get_snames()) text.names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) text.names.push_back("--" + name);
    if (text.positional) text.names = {option.get_name(true)};
    text.description = option.get_description();
    text.fallback = option.get_default_str();
    read_type(option, text);
    return text;
}

}  // namespace

std::vector<OptionText> option_texts(const CLI::App& command) {
    std::vector<OptionText> out;
    for (const auto* option : command.get_options()) out.push_back(text_of(*option));
    return out;
}

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

}  // namespace spectile::cli
