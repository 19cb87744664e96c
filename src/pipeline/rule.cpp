#include "pipeline/rule.hpp"

namespace spectile::definition {
namespace {

RulePtr finish(Rule rule) { return std::make_shared<const Rule>(std::move(rule)); }

RulePtr numeric(Form form, std::optional<double> minimum, std::optional<double> maximum) {
    Rule rule;
    rule.form = form;
    rule.minimum = minimum;
    rule.maximum = maximum;
    return finish(std::move(rule));
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
    std::string line;
    for (const auto& word : words) line += (line.empty() ? "" : between) + word;
    return line;
}

}  // namespace

RulePtr text(std::string what) {
    Rule rule;
    rule.form = Form::text;
    rule.what = std::move(what);
    return finish(std::move(rule));
}

RulePtr file_name() { return text("a file or GDAL name"); }

RulePtr text_like(std::string what, std::string pattern) {
    Rule rule;
    rule.form = Form::text;
    rule.what = std::move(what);
    rule.pattern = std::move(pattern);
    return finish(std::move(rule));
}

RulePtr one_of(std::vector<std::string> allowed) {
    Rule rule;
    rule.form = Form::text;
    rule.allowed = std::move(allowed);
    return finish(std::move(rule));
}

RulePtr whole(std::optional<double> minimum, std::optional<double> maximum) {
    return numeric(Form::whole, minimum, maximum);
}

RulePtr number(std::optional<double> minimum, std::optional<double> maximum) {
    return numeric(Form::number, minimum, maximum);
}

RulePtr number_above(double minimum) {
    Rule rule;
    rule.form = Form::number;
    rule.minimum = minimum;
    rule.above_minimum = true;
    return finish(std::move(rule));
}

RulePtr boolean() { return numeric(Form::boolean, {}, {}); }

RulePtr list_of(RulePtr items, std::size_t least, std::size_t most) {
    Rule rule;
    rule.form = Form::list;
    rule.items = std::move(items);
    rule.least = least;
    rule.most = most;
    return finish(std::move(rule));
}

RulePtr map_of(std::string name, std::string doc, std::vector<Key> keys) {
    return open_map(std::move(name), std::move(doc), std::move(keys), nullptr, {});
}

RulePtr open_map(std::string name, std::string doc, std::vector<Key> keys, RulePtr others,
                 std::string others_doc) {
    Rule rule;
    rule.form = Form::map;
    rule.name = std::move(name);
    rule.doc = std::move(doc);
    rule.keys = std::move(keys);
    rule.others = std::move(others);
    rule.others_doc = std::move(others_doc);
    return finish(std::move(rule));
}

RulePtr with_exactly_one(const RulePtr& map, std::vector<std::string> keys) {
    Rule rule = *map;
    rule.exactly_one = std::move(keys);
    return finish(std::move(rule));
}

RulePtr single_key(const RulePtr& map) {
    Rule rule = *map;
    rule.least = rule.most = 1;
    return finish(std::move(rule));
}

RulePtr any(std::string what) {
    Rule rule;
    rule.what = std::move(what);
    return finish(std::move(rule));
}

RulePtr either(std::vector<RulePtr> choices) {
    Rule rule;
    rule.form = Form::choice;
    rule.choices = std::move(choices);
    return finish(std::move(rule));
}

std::string expected(const Rule& rule) {
    switch (rule.form) {
        case Form::text:
            if (rule.allowed.empty()) return rule.what;
            return rule.allowed.size() == 1 ? rule.allowed.front() : "one of " + joined(rule.allowed, ", ");
        case Form::whole:
            return "a whole number";
        case Form::number:
            return "a number";
        case Form::boolean:
            return "true or false";
        case Form::list:
            return "a list";
        case Form::map:
            return "a map";
        case Form::any:
            return rule.what;
        case Form::choice:
            break;
    }
    std::vector<std::string> words;
    for (const auto& choice : rule.choices) {
        const auto word = expected(*choice);
        if (words.empty() || words.back() != word) words.push_back(word);
    }
    return joined(words, " or ");
}

std::vector<std::string> key_names(const Rule& rule) {
    std::vector<std::string> names;
    for (const auto& key : rule.keys) names.push_back(key.name);
    return names;
}

nlohmann::json defaults_of(const Rule& rule) {
    auto made = nlohmann::json::object();
    for (const auto& key : rule.keys) {
        if (!key.fallback.is_null())
            made[key.name] = key.fallback;
        else if (key.rule->form == Form::map && !key.required && !defaults_of(*key.rule).empty())
            made[key.name] = defaults_of(*key.rule);
    }
    return made;
}

}  // namespace spectile::definition
