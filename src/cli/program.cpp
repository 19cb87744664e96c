#include "cli/program.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <new>
#include <optional>

#include "cli/completion.hpp"
#include "cli/console.hpp"
#include "cli/instructions.hpp"
#include "cli/man_page.hpp"
#include "cli/reference.hpp"
#include "cli/verb.hpp"
#include "cli/versions.hpp"
#include "pipeline/nearest.hpp"

namespace spectile::cli {
namespace {

/// A parser with one subcommand for each verb.
struct Parser {
    std::unique_ptr<CLI::App> app =
        std::make_unique<CLI::App>("Whole remote-sensing scenes into maps with neural models.", "spectile");
    std::vector<std::pair<CLI::App*, Action>> actions;
};

Parser make_parser(Console& console) {
    Parser parser;
    auto& app = *parser.app;
    app.require_subcommand(0, 1);
    app.get_formatter()->column_width(34);
    app.footer("spectile VERB --help says more. Exit codes: docs/reference.md.");
    app.add_flag("-v,--verbose", console.verbose, "With --version: LibTorch and its settings too");
    app.add_flag_function(
        "--version",
        [&console](std::int64_t) {
            std::cout << version_text(console.verbose);
            throw CLI::Success();
        },
        "Version of the program and of its libraries");
    app.add_option("--completion", "Print what teaches a shell to complete: bash, zsh or fish")
        ->type_name("SHELL");
    app.add_option("--man", "Print the manual page of a verb, or of the program")
        ->type_name("VERB")
        ->expected(0, 1);
    for (const auto& verb : verbs()) {
        auto* command = app.add_subcommand(verb.name, verb.summary);
        declare_output(*command, console);
        parser.actions.emplace_back(command, verb.declare(*command, console));
    }
    return parser;
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options())
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

/// Throws Error{Code::usage} where the first word is no verb.
void check_verb(int argc, char** argv) {
    if (argc < 2 || argv[1][0] == '-') return;
    std::vector<std::string> names;
    for (const auto& verb : verbs()) names.push_back(verb.name);
    if (std::find(names.begin(), names.end(), argv[1]) == names.end())
        throw Error(Code::usage,
                    "unknown verb '" + std::string(argv[1]) + "'" + definition::suggestion(argv[1], names));
}

/// What CLI11 says, in one line, with the near name of an option that is not known.
Error usage_error(const CLI::ParseError& error, const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    const CLI::App& command = chosen.empty() ? app : *chosen.front();
    std::string message = error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    const auto extras = command.remaining(true);
    if (dynamic_cast<const CLI::ExtrasError*>(&error) && !extras.empty()) {
        const std::string name = extras.front().substr(0, extras.front().find('='));
        message = name.starts_with('-')
                      ? "unknown option '" + name + "'" + definition::suggestion(name, option_names(command))
                      : "'" + name + "' is one argument too many";
    }
    return Error(Code::usage,
                 message + "; see spectile " + (chosen.empty() ? "" : command.get_name() + " ") + "--help");
}

/// What is made from the parser itself, which is not yet asked to parse.
std::optional<std::string> page(int argc, char** argv, const CLI::App& app) {
    const std::string first = argc > 1 ? argv[1] : "", second = argc > 2 ? argv[2] : "";
    if (argc > 3) return std::nullopt;
    if (first == "--reference" && argc == 2) return reference_text(app);
    if (first == "--completion") return completion_script(app, second);
    if (first == "--man") return man_page(app, second);
    return std::nullopt;
}

/// Parses and acts. CLI11's exceptions that are no failures (--help) end here.
int parse_and_act(int argc, char** argv, Console& console) {
    check_verb(argc, argv);
    Parser parser = make_parser(console);
    if (const auto text = page(argc, argv, *parser.app)) {
        std::cout << *text;
        return 0;
    }
    try {
        parser.app->parse(argc, argv);
    } catch (const CLI::Success& success) {
        return parser.app->exit(success);
    } catch (const CLI::ParseError& error) {
        throw usage_error(error, *parser.app);
    }
    for (const auto& [command, action] : parser.actions)
        if (command->parsed()) return action();
    std::cout << parser.app->help();
    return 0;
}

}  // namespace

int run_program(int argc, char** argv) {
    Console console;
    const auto fail = [&console](const Error& error) {
        console.error(error);
        return exit_code(error.code());
    };
    try {
        pin_instructions(argc, argv);
        return parse_and_act(argc, argv, console);
    } catch (const Error& error) {
        return fail(error);
    } catch (const std::bad_alloc&) {
        return fail(Error(Code::memory, "the machine has no more memory; lower --memory or --threads"));
    } catch (const std::exception& error) {
        return fail(Error(Code::internal, std::string("a fault of spectile itself: ") + error.what() +
                                              "; please report it with the command line"));
    }
}

}  // namespace spectile::cli
