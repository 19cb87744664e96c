#include "cli/man_page.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/option_text.hpp"
#include "cli/reference.hpp"
#include "spectile/error.hpp"
#include "spectile/version.hpp"

namespace spectile::cli {
namespace {

/// Text that roff prints as it is: a line must not begin with a request, and a hyphen stays one.
std::string roff(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
    }
    if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
    return out;
}

std::string heading(const std::string& name, const std::string& summary) {
    std::string title = name;
    for (auto& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return fmt::format(".TH {} 1 \"\" \"spectile {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", roff(title),
                       kVersion, roff(name), roff(summary));
}

std::string option_item(const OptionText& option) {
    std::string tag;
    for (const auto& name : option.names) tag += (tag.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
    if (option.takes_value()) tag += " \\fI" + roff(option.type) + "\\fR";
    std::string text = option.description;
    if (!option.choices.empty()) text += fmt::format(" ({})", fmt::join(option.choices, ", "));
    if (!option.fallback.empty()) text += " (default " + option.fallback + ")";
    return ".TP\n" + tag + "\n" + roff(text) + "\n";
}

std::string exit_status() {
    std::string text = ".SH EXIT STATUS\n.TP\n0\ndone\n";
    for (const auto& row : exit_codes())
        text += fmt::format(".TP\n{}\n{}\n", exit_code(row.code), roff(row.meaning));
    return text;
}

std::string program_page(const CLI::App& app) {
    std::string text = heading("spectile", "whole remote-sensing scenes into maps with neural models");
    text += ".SH SYNOPSIS\n\\fBspectile\\fR \\fIVERB\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n.SH VERBS\n";
    std::string see;
    for (const auto* verb : verbs_of(app)) {
        text += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(verb->get_name()), roff(verb->get_description()));
        see += fmt::format("{}.BR spectile\\-{} (1)", see.empty() ? "" : " ,\n", roff(verb->get_name()));
    }
    text += ".SH OPTIONS\n";
    for (const auto& option : option_texts(app)) text += option_item(option);
    return text + exit_status() + ".SH SEE ALSO\n" + see + "\n";
}

std::string verb_page(const CLI::App& verb) {
    const std::string name = "spectile-" + verb.get_name();
    std::string text = heading(name, verb.get_description());
    std::string synopsis = "\\fBspectile " + roff(verb.get_name()) + "\\fR [\\fIOPTIONS\\fR]", arguments,
                options;
    for (const auto& option : option_texts(verb)) {
        if (option.positional) synopsis += " \\fI" + roff(option.names.front()) + "\\fR";
        (option.positional ? arguments : options) += option_item(option);
    }
    text += ".SH SYNOPSIS\n" + synopsis + "\n";
    if (!arguments.empty()) text += ".SH ARGUMENTS\n" + arguments;
    return text + ".SH OPTIONS\n" + options + exit_status() + ".SH SEE ALSO\n.BR spectile (1)\n";
}

}  // namespace

std::string man_page(const CLI::App& app, const std::string& verb) {
    if (verb.empty()) return program_page(app);
    for (const auto* known : verbs_of(app))
        if (known->get_name() == verb) return verb_page(*known);
    throw Error(Code::usage, "--man " + verb + ": is no verb");
}

}  // namespace spectile::cli
