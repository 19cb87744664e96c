#include "pipeline/load.hpp"

#include "pipeline/check.hpp"
#include "pipeline/nearest.hpp"
#include "pipeline/settings.hpp"
#include "pipeline/yaml_text.hpp"

namespace spectile::definition {
namespace {

bool declares(const Rule& rule, const std::string& name) {
    for (const auto& key : rule.keys)
        if (key.name == name) return true;
    return false;
}

/// Before anything else: another version may well have other keys.
void check_version(const Document& document) {
    const Value* version = document.root.find("spectile");
    const std::string want = "write 'spectile: " + std::to_string(kFormatVersion) + "' as the first line";
    if (!version) {
        for (const auto& entry : document.root.entries)
            if (!nearest(entry.key, {"spectile"}).empty() && entry.key != "spectile")
                document.fail(entry.value, "unknown key " + shown(scalar(entry.key, entry.value)) +
                                               "; did you mean 'spectile'?");
        document.fail(document.root, "missing key 'spectile'; " + want);
    }
    const auto number = whole_of(*version);
    if (!number)
        document.fail(*version, "spectile: expected a whole number, got " + shown(*version) + "; " + want);
    if (*number != kFormatVersion)
        document.fail(*version, "spectile: format version " + std::to_string(*number) +
                                    " is not known to this program, which reads version " +
                                    std::to_string(kFormatVersion));
}

}  // namespace

Key version_key() {
    return {.name = "spectile",
            .rule = whole(kFormatVersion, kFormatVersion),
            .doc = "Version of the format",
            .required = true};
}

Key vars_key() {
    return {.name = "vars",
            .rule = open_map(
                "vars", "Values for `${NAME}`. They go before environment variables of the same name.", {},
                either({text("text"), number(), boolean()}), "Any name of letters, digits and `_`."),
            .doc = "Values for `${NAME}`; `--set vars.NAME=VALUE` sets one"};
}

Document load(const std::string& file, const std::vector<std::string>& settings, const Rule& rule,
              Code code) {
    return load_text(read_text(file, code), file, settings, rule, code);
}

Document load_text(const std::string& text, const std::string& name, const std::vector<std::string>& settings,
                   const Rule& rule, Code code) {
    Document document;
    document.file = name;
    document.code = code;
    document.root = parse_yaml(text, name, code);
    if (document.root.is_null())
        throw Error(code, name + ": is empty; a definition begins with 'spectile: 1'");
    if (!document.root.is_map())
        document.fail(document.root, "expected a map of keys and values, got " + shown(document.root));
    if (document.root.entries.empty())
        document.fail(document.root, "holds no keys; it begins with 'spectile: 1'");
    apply_settings(document, settings);
    if (declares(rule, "vars")) substitute_variables(document);
    check_version(document);
    check(document, rule);
    return document;
}

}  // namespace spectile::definition
