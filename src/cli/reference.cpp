#include "cli/reference.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>

#include "cli/option_text.hpp"

namespace spectile::cli {
namespace {

constexpr std::array kExitCodes = {
    ExitCode{Code::usage, "the command line cannot be understood"},
    ExitCode{Code::scene, "input data that cannot be used (also truncated files and refused types)"},
    ExitCode{Code::missing, "an input is missing"},
    ExitCode{Code::device, "device or instruction level unavailable"},
    ExitCode{Code::internal, "a fault of spectile itself"},
    ExitCode{Code::memory, "does not fit (memory, scratch, time)"},
    ExitCode{Code::publish, "output cannot be created, or exists with another recipe"},
    ExitCode{Code::read, "I/O error; worth a retry"},
    ExitCode{Code::interrupted, "interrupted or incomplete: run the same command again"},
    ExitCode{Code::verification, "verification or self-test failed"},
    ExitCode{Code::permission, "not permitted by the file system"},
    ExitCode{Code::definition, "bad definition, model card or weights"},
    ExitCode{Code::marked, "published, with failed tiles marked"},
};

/// Inside a Markdown table a bar would end the cell.
std::string cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
        text.insert(at, 1, '\\');
    return text;
}

std::string option_row(const CLI::Option& option) {
    std::string name = option.get_name(option.get_positional(), true);
    // A type may carry its check ("N:INT in [1 - 4096]"); flags have a type too, but take no value.
    const std::string type = option.get_type_name().substr(0, option.get_type_name().find(':'));
    if (option.get_items_expected_max() > 0 && !option.get_positional()) name += " " + type;
    std::string text = fmt::format("| `{}` | {}", cell(name), cell(option.get_description()));
    if (!option.get_default_str().empty())
        text += fmt::format(" (default `{}`)", cell(option.get_default_str()));
    return text + " |\n";
}

std::string verb_section(const CLI::App& command) {
    std::string text = fmt::format("\n### spectile {}\n\n{}\n\n| argument | meaning |\n| --- | --- |\n",
                                   command.get_name(), command.get_description());
    for (const auto* option : command.get_options()) text += option_row(*option);
    return text;
}

}  // namespace

std::span<const ExitCode> exit_codes() { return kExitCodes; }

std::string reference_text(const CLI::App& app) {
    std::string text =
        "# Reference\n\nPrinted by the program itself (`spectile --reference`); a test compares the two.\n\n"
        "## Exit codes\n\n| code | meaning |\n| --- | --- |\n| 0 | done |\n";
    for (const auto& row : kExitCodes) text += fmt::format("| {} | {} |\n", exit_code(row.code), row.meaning);
    text +=
        "\nEvery failure is one line on standard error that names the file, the key or the window and what "
        "to do; "
        "`-v` adds what a library said.\nOnly 74 and 75 are worth a retry.\n\n## Verbs\n";
    for (const auto* command : verbs_of(app)) text += verb_section(*command);
    return text;
}

}  // namespace spectile::cli
