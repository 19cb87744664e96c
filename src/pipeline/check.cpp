#include "pipeline/check.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

#include "pipeline/nearest.hpp"

namespace spectile::definition {
namespace {

std::string plain(double value) { return nlohmann::json(value).dump(); }

std::string number_text(double value) {
    return value == std::floor(value) && std::abs(value) < 1e15
               ? std::to_string(static_cast<long long>(value))
               : plain(value);
}

std::string joined(const std::vector<std::string>& words, const std::string& last) {
    std::string line;
    for (std::size_t i = 0; i < words.size(); ++i)
        line += (i == 0 ? "" : i + 1 == words.size() ? last : ", ") + words[i];
    return line;
}

/// Whether the value's kind could be what the rule wants at all.
bool fits_kind(const Rule& rule, const Value& value) {
    switch (rule.form) {
        case Form::any:
            return true;
        case Form::list:
            return value.is_list();
        case Form::map:
            return value.is_map();
        case Form::choice:
            return std::any_of(rule.choices.begin(), rule.choices.end(),
                               [&](const RulePtr& choice) { return fits_kind(*choice, value); });
        default:
            return value.is_scalar();
    }
}

/// Keys of any length stand in messages, so that long ones are cut.
std::string shown_key(const std::string& key) {
    const std::string text = shown(scalar(key, {}));
    return text.substr(1, text.size() - 2);
}

std::string range_problem(const Rule& rule, double number, const Value& value) {
    if (!std::isfinite(number)) return "expected a finite number, got " + shown(value);
    if (rule.minimum && (rule.above_minimum ? number <= *rule.minimum : number < *rule.minimum))
        return (rule.above_minimum ? "must be above " : "must be at least ") + number_text(*rule.minimum) +
               ", got " + shown(value);
    if (rule.maximum && number > *rule.maximum)
        return "must be at most " + number_text(*rule.maximum) + ", got " + shown(value);
    return {};
}

std::string text_problem(const Rule& rule, const Value& value) {
    const std::string& text = value.text;
    const std::string wrong = "expected " + expected(rule) + ", got " + shown(value);
    if (!rule.allowed.empty()) {
        if (std::find(rule.allowed.begin(), rule.allowed.end(), text) != rule.allowed.end()) return {};
        const std::string near = nearest(text, rule.allowed);
        return near.empty() ? wrong : wrong + "; did you mean '" + near + "'?";
    }
    if (text.empty()) return "expected " + expected(rule) + ", got empty text";
    constexpr std::size_t kLongestMatched = 200;  // std::regex recurses with the length of its input
    if (!rule.pattern.empty() &&
        (text.size() > kLongestMatched || !std::regex_match(text, std::regex(rule.pattern))))
        return wrong;
    return {};
}

/// What is wrong with a scalar; empty where nothing is.
std::string scalar_problem(const Rule& rule, const Value& value) {
    switch (rule.form) {
        case Form::text:
            return text_problem(rule, value);
        case Form::whole:
            if (const auto whole = whole_of(value))
                return range_problem(rule, static_cast<double>(*whole), value);
            break;
        case Form::number:
            if (const auto number = number_of(value)) return range_problem(rule, *number, value);
            break;
        case Form::boolean:
            if (boolean_of(value)) return {};
            break;
        default:
            return {};
    }
    return "expected " + expected(rule) + ", got " + shown(value) +
           (value.quoted && rule.form != Form::text ? " in quotes" : "");
}

class Checker {
public:
    explicit Checker(const Document& document) : document_(document) {}

    void visit(const Rule& rule, const Value& value, const std::string& path) const {
        if (rule.form == Form::any) return;
        if (rule.form == Form::choice) return visit_choice(rule, value, path);
        if (!fits_kind(rule, value))
            fail(value, path, "expected " + expected(rule) + ", got " + shown(value));
        if (value.is_list()) return visit_list(rule, value, path);
        if (value.is_map()) return visit_map(rule, value, path);
        if (const auto problem = scalar_problem(rule, value); !problem.empty()) fail(value, path, problem);
    }

private:
    [[noreturn]] void fail(const Value& value, const std::string& path, const std::string& message) const {
        document_.fail(value, (path.empty() ? "" : path + ": ") + message);
    }

    void visit_choice(const Rule& rule, const Value& value, const std::string& path) const {
        std::vector<const Rule*> fitting;
        for (const auto& choice : rule.choices)
            if (fits_kind(*choice, value)) fitting.push_back(choice.get());
        if (fitting.empty()) fail(value, path, "expected " + expected(rule) + ", got " + shown(value));
        if (fitting.size() == 1) return visit(*fitting.front(), value, path);
        if (value.is_map()) return visit(*closest_map(fitting, value), value, path);
        for (const Rule* choice : fitting)
            if (!value.is_scalar() || scalar_problem(*choice, value).empty())
                return visit(*choice, value, path);
        fail(value, path, choice_problem(rule, fitting, value));
    }

    /// A number out of range is told as such rather than as "expected auto or a whole number".
    static std::string choice_problem(const Rule& rule, const std::vector<const Rule*>& fitting,
                                      const Value& value) {
        for (const Rule* choice : fitting)
            if (choice->form != Form::text) {
                const auto problem = scalar_problem(*choice, value);
                if (problem.starts_with("must be")) return problem;
            }
        std::vector<std::string> words;
        for (const Rule* choice : fitting)
            words.insert(words.end(), choice->allowed.begin(), choice->allowed.end());
        const std::string near = nearest(value.text, words);
        return "expected " + expected(rule) + ", got " + shown(value) +
               (near.empty() ? "" : "; did you mean '" + near + "'?");
    }

    /// The map that declares most of the keys in use.
    static const Rule* closest_map(const std::vector<const Rule*>& maps, const Value& value) {
        const auto known = [&](const Rule* map) {
            return std::count_if(value.entries.begin(), value.entries.end(), [&](const Entry& entry) {
                return std::any_of(map->keys.begin(), map->keys.end(),
                                   [&](const Key& key) { return key.name == entry.key; });
            });
        };
        return *std::max_element(maps.begin(), maps.end(),
                                 [&](const Rule* a, const Rule* b) { return known(a) < known(b); });
    }

    void visit_list(const Rule& rule, const Value& value, const std::string& path) const {
        const std::size_t count = value.items.size();
        if (count < rule.least || count > rule.most) {
            const std::string wanted = rule.least == rule.most ? std::to_string(rule.least)
                                       : count < rule.least    ? "at least " + std::to_string(rule.least)
                                                               : "at most " + std::to_string(rule.most);
            fail(value, path, "expected a list of " + wanted + ", got " + std::to_string(count));
        }
        for (std::size_t i = 0; i < count; ++i)
            visit(*rule.items, value.items[i], path + "[" + std::to_string(i) + "]");
    }

    void visit_map(const Rule& rule, const Value& value, const std::string& path) const {
        const std::string prefix = path.empty() ? "" : path + ".";
        for (const auto& entry : value.entries) {
            const auto key = std::find_if(rule.keys.begin(), rule.keys.end(),
                                          [&](const Key& k) { return k.name == entry.key; });
            if (key == rule.keys.end()) {
                check_other(rule, entry, path);
            } else if (!entry.value.is_null()) {
                visit(*key->rule, entry.value, prefix + entry.key);
            }
        }
        for (const auto& key : rule.keys)
            if (key.required && !value.find(key.name))
                fail(value, {}, "missing key '" + prefix + key.name + "' (" + key.doc + ")");
        check_exactly_one(rule, value, path);
        if (value.entries.size() > rule.most || value.entries.size() < rule.least)
            fail(value, path, "expected a single key, got " + std::to_string(value.entries.size()));
    }

    void check_exactly_one(const Rule& rule, const Value& value, const std::string& path) const {
        const Value* found = nullptr;
        for (const auto& name : rule.exactly_one) {
            const Value* one = value.find(name);
            if (one && found) fail(*one, path, "give only one of " + joined(rule.exactly_one, " and "));
            if (one) found = one;
        }
        if (!found && !rule.exactly_one.empty())
            fail(value, path, "missing key: " + joined(rule.exactly_one, " or "));
    }

    void check_other(const Rule& rule, const Entry& entry, const std::string& path) const {
        const auto known = key_names(rule);
        const std::string key = shown_key(entry.key);
        const std::string full = path.empty() ? key : path + "." + key;
        Value place = entry.value;
        place.line = entry.line > 0 ? entry.line : place.line;
        if (!rule.others) document_.fail(place, "unknown key '" + full + "'" + suggestion(entry.key, known));
        if (const auto near = nearest(entry.key, known); !near.empty())
            document_.fail(place, "unknown key '" + full + "'; did you mean '" + near + "'?");
        if (!entry.value.is_null()) visit(*rule.others, entry.value, full);
    }

    const Document& document_;
};

}  // namespace

void check(const Document& document, const Rule& rule) { Checker(document).visit(rule, document.root, {}); }

}  // namespace spectile::definition
