#include <set>

#include "pipeline/definition_schemas.hpp"
#include "pipeline/format_examples.hpp"

namespace spectile {
namespace definition {
namespace {

constexpr const char* kIntroduction = R"(# The format of definitions

<!-- Made by the target spectile_schemas from src/pipeline; change the declarations there, not this page. -->

A definition is a YAML file (1.2, UTF-8, 16 MiB at most) that begins with `spectile: 1`, the version of the format.
There are three kinds: the [pipeline](#pipeline) of `spectile run`, the [model card](#model-card) `model.yaml` in a
model folder, and the [training](#training) of `spectile train`. The same declarations check them, make this page, and
make the JSON Schemas `pipelines/pipeline.schema.json`, `pipelines/model.schema.json` and
`pipelines/training.schema.json` for editors.

**Errors** name the file, the line and the key, and exit with 78:
`my.yaml:7: unknown key 'modle'; did you mean 'model'?` An empty value (`aoi:`) is the same as no key. A key given
twice is refused. Aliases are expanded, up to a million values.

**Files** are relative to the folder of the definition. Other GDAL names are left alone: `/vsi...`, and whatever has a
driver or URL before a colon (`NETCDF:...`, `SENTINEL2_L2A:...`, `https:...`). Weights and self-test of a model card
must lie in its folder.

**Settings** on the command line, `--set key.path=value`, change any key of a pipeline or training, or make it:
`--set products.class_map.path=map.tif`, `--set scenes.0.nodata=0`, `--set tiling.tile=512`. A number indexes a list,
one past its end appends. A value that begins with `[`, `{` or a quote is YAML; an empty one removes the key. Where a
text is short for `{path: TEXT}`, setting another key keeps that path.

**Variables**: `${NAME}` anywhere in a pipeline's or training's values is replaced by `vars.NAME` (in the file, or
`--set vars.NAME=VALUE`), else by the environment variable NAME; it is an error where neither is there. `$${` stands
for `${` itself.
)";

std::string range_text(const Rule& rule, const char* noun) {
    std::string text = noun;
    const auto plain = [](double value) { return nlohmann::json(value).dump(); };
    const auto tidy = [&](double value) {
        std::string digits = plain(value);
        return digits.ends_with(".0") ? digits.substr(0, digits.size() - 2) : digits;
    };
    if (rule.minimum && rule.maximum && *rule.minimum == *rule.maximum) return tidy(*rule.minimum);
    constexpr double kTooLargeToTell = 1e6;
    const bool top = rule.maximum && *rule.maximum < kTooLargeToTell;
    if (rule.minimum && *rule.minimum > -kTooLargeToTell)
        text += std::string(rule.above_minimum ? " above " : " from ") + tidy(*rule.minimum);
    if (top) text += " to " + tidy(*rule.maximum);
    return text;
}

std::string anchor(std::string name) {
    for (auto& letter : name)
        if (letter == ' ') letter = '-';
    return name;
}

std::string type_text(const Rule& rule) {
    switch (rule.form) {
        case Form::text: {
            if (rule.allowed.empty()) return rule.what;
            std::string words;
            for (const auto& word : rule.allowed) words += (words.empty() ? "`" : ", `") + word + "`";
            return words;
        }
        case Form::whole:
            return range_text(rule, "whole number");
        case Form::number:
            return range_text(rule, "number");
        case Form::boolean:
            return "`true`, `false`";
        case Form::list:
            return (rule.least == rule.most ? "list of " + std::to_string(rule.least) + ": "
                                            : std::string("list of: ")) +
                   type_text(*rule.items);
        case Form::map:
            return rule.name.empty() ? "map" : "[" + rule.name + "](#" + anchor(rule.name) + ")";
        case Form::any:
            return rule.what;
        case Form::choice:
            break;
    }
    std::string words;
    for (const auto& choice : rule.choices) words += (words.empty() ? "" : " or ") + type_text(*choice);
    return words;
}

class Page {
public:
    std::string text = kIntroduction;

    void kind(DefinitionKind kind, const char* title) {
        const Rule& rule = *rule_of(kind);
        text +=
            std::string("\n## ") + title + "\n\n" + rule.doc + "\n\n```yaml\n" + example_of(kind) + "```\n";
        table(rule);
        for (const auto& key : rule.keys) sections(*key.rule);
    }

private:
    void table(const Rule& rule) {
        if (!rule.keys.empty()) text += "\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
        for (const auto& key : rule.keys) {
            text += "| `" + key.name + "` | " + type_text(*key.rule);
            if (!key.unit.empty()) text += " [" + key.unit + "]";
            text += " | " + default_text(key) + " | " + key.doc + " |\n";
        }
        if (rule.others && !rule.others_doc.empty())
            text += "\n" + std::string(rule.keys.empty() ? "" : "Further keys: ") + rule.others_doc + "\n";
    }

    static std::string default_text(const Key& key) {
        if (key.required) return "required";
        if (key.fallback.is_null()) return "";
        return "`" + (key.fallback.is_string() ? key.fallback.get<std::string>() : key.fallback.dump()) + "`";
    }

    /// Sections of the named maps below a rule, each once on the page, in the order met.
    void sections(const Rule& rule) {
        if (rule.form == Form::map && !rule.name.empty()) {
            if (!seen_.insert(rule.name).second) return;
            text += "\n### " + rule.name + "\n\n" + rule.doc + "\n";
            table(rule);
        }
        for (const auto& key : rule.keys) sections(*key.rule);
        for (const auto& choice : rule.choices) sections(*choice);
        if (rule.items) sections(*rule.items);
        if (rule.others) sections(*rule.others);
    }

    std::set<std::string> seen_;
};

}  // namespace
}  // namespace definition

std::string format_markdown() {
    definition::Page page;
    page.kind(DefinitionKind::pipeline, "pipeline");
    page.kind(DefinitionKind::model, "model card");
    page.kind(DefinitionKind::training, "training");
    return page.text;
}

}  // namespace spectile
