#include "cli/completion.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/option_text.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between = " ") {
    return fmt::format("{}", fmt::join(words, between));
}

/// In single quotes of a shell; fish and zsh take the same.
std::string quoted(std::string text) {
    for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4)
        text.replace(at, 1, "'\\''");
    return "'" + text + "'";
}

std::vector<std::string> verb_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* verb : verbs_of(app)) names.push_back(verb->get_name());
    return names;
}

/// Where COMPREPLY stays empty, bash completes file names by itself.
std::string bash_script(const CLI::App& app) {
    std::string values, options;
    for (const auto* verb : verbs_of(app)) {
        std::vector<std::string> names, with_files;
        for (const auto& option : option_texts(*verb)) {
            if (option.positional) continue;
            names.insert(names.end(), option.names.begin(), option.names.end());
            if (!option.takes_value()) continue;
            std::vector<std::string> patterns;
            for (const auto& name : option.names)
                patterns.push_back("\"" + verb->get_name() + " " + name + "\"");
            values += fmt::format("    {}) {}return ;;\n", joined(patterns, "|"),
                                  option.choices.empty()
                                      ? ""
                                      : fmt::format("COMPREPLY=($(compgen -W {} -- \"$word\")); ",
                                                    quoted(joined(option.choices))));
        }
        options += fmt::format("      {}) options={} ;;\n", verb->get_name(), quoted(joined(names)));
    }
    return fmt::format(
        "# bash completion of spectile, made by `spectile --completion bash`\n"
        "_spectile() {{\n"
        "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} verb='' options='' "
        "other\n"
        "  for other in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
        "    [[ $other == -* ]] || {{ verb=$other; break; }}\n  done\n"
        "  COMPREPLY=()\n"
        "  if [[ -z $verb ]]; then\n"
        "    COMPREPLY=($(compgen -W {} -- \"$word\"))\n    return\n  fi\n"
        "  case \"$verb $before\" in\n{}  esac\n"
        "  if [[ $word == -* ]]; then\n    case $verb in\n{}    esac\n"
        "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n  fi\n}}\n"
        "complete -o default -F _spectile spectile\n",
        quoted(joined(verb_names(app)) + " --help --version"), values, options);
}

/// Brackets and colons mean something within _arguments.
std::string zsh_text(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string zsh_argument(const OptionText& option) {
    const std::string action = !option.choices.empty()                    ? "(" + joined(option.choices) + ")"
                               : option.names_file() || option.positional ? "_files"
                                                                          : " ";
    if (option.positional) return "    " + quoted("*:" + zsh_text(option.names.front()) + ":" + action);
    std::string lines;
    for (const auto& name : option.names) {
        std::string spec =
            "*" + name + (option.takes_value() ? "=" : "") + "[" + zsh_text(option.description) + "]";
        if (name.size() == 2 && option.takes_value()) spec.erase(spec.find('='), 1);
        if (option.takes_value()) spec += ":" + zsh_text(option.type) + ":" + action;
        lines += (lines.empty() ? "    " : " \\\n    ") + quoted(spec);
    }
    return lines;
}

std::string zsh_script(const CLI::App& app) {
    std::string verbs, cases;
    for (const auto* verb : verbs_of(app)) {
        verbs += "    " + quoted(verb->get_name() + ":" + zsh_text(verb->get_description())) + "\n";
        std::vector<std::string> arguments;
        bool positional = false;
        for (const auto& option : option_texts(*verb)) {
            if (option.positional && positional) continue;  // One rest of words completes them all.
            positional = positional || option.positional;
            arguments.push_back(zsh_argument(option));
        }
        cases += fmt::format("  {}) _arguments \\\n{} ;;\n", verb->get_name(), joined(arguments, " \\\n"));
    }
    return fmt::format(
        "#compdef spectile\n# zsh completion of spectile, made by `spectile --completion zsh`\n"
        "_spectile() {{\n  local -a verbs\n  verbs=(\n{}  )\n"
        "  if (( CURRENT == 2 )); then\n    _describe verb verbs\n    return\n  fi\n"
        "  local verb=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $verb in\n{}  esac\n}}\n"
        "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _spectile \"$@\"; else compdef _spectile "
        "spectile; fi\n",
        verbs, cases);
}

std::string fish_script(const CLI::App& app) {
    std::string text =
        "# fish completion of spectile, made by `spectile --completion fish`\n"
        "complete -c spectile -n __fish_use_subcommand -f\n";
    for (const auto* verb : verbs_of(app)) {
        text += fmt::format("complete -c spectile -n __fish_use_subcommand -a {} -d {}\n", verb->get_name(),
                            quoted(verb->get_description()));
        for (const auto& option : option_texts(*verb)) {
            if (option.positional) continue;
            text += "complete -c spectile -n '__fish_seen_subcommand_from " + verb->get_name() + "'";
            for (const auto& name : option.names)
                text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            if (!option.choices.empty())
                text += " -xa " + quoted(joined(option.choices));
            else if (option.takes_value())
                text += option.names_file() ? " -r -F" : " -x";
            text += " -d " + quoted(option.description) + "\n";
        }
    }
    return text;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
    if (shell == "bash") return bash_script(app);
    if (shell == "zsh") return zsh_script(app);
    if (shell == "fish") return fish_script(app);
    throw Error(Code::usage, "--completion " + shell + ": there is one for bash, zsh and fish");
}

}  // namespace spectile::cli
