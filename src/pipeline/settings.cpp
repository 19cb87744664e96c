#include "pipeline/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "pipeline/message_text.hpp"
#include "pipeline/yaml_text.hpp"

namespace spectile::definition {
namespace {

constexpr std::size_t kMostExpandedBytes = kLargestFile;
constexpr std::size_t kDeepestPath = 32;

std::vector<std::string> split_path(const std::string& path) {
    std::vector<std::string> keys;
    std::size_t begin = 0;
    for (;;) {
        const auto dot = path.find('.', begin);
        keys.push_back(path.substr(begin, dot == std::string::npos ? dot : dot - begin));
        if (dot == std::string::npos) return keys;
        begin = dot + 1;
    }
}

void stamp(Value& value, int source) {
    value.source = source;
    value.line = 0;
    for (auto& item : value.items) stamp(item, source);
    for (auto& entry : value.entries) {
        entry.line = 0;
        stamp(entry.value, source);
    }
}

Value setting_value(const std::string& text, const std::string& whole, int source) {
    Value value;
    if (!text.empty() && std::string_view("[{\"'").find(text.front()) != std::string_view::npos) {
        value = parse_yaml(text, "--set " + whole, Code::usage);
    } else if (!text.empty() && text != "null" && text != "~") {
        value.kind = Value::Kind::scalar;
        value.text = text;
    }
    stamp(value, source);
    return value;
}

/// The item that `key` names in a list; one past the end appends.
Value& list_item(Document& document, Value& list, const std::string& key, const Value& setting) {
    std::size_t index = 0;
    const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (problem != std::errc{} || end != key.data() + key.size())
        document.fail(setting, "'" + key + "' is no index; the key before it holds a list of " +
                                   std::to_string(list.items.size()));
    if (index > list.items.size())
        document.fail(setting,
                      "index " + key + " is beyond the list of " + std::to_string(list.items.size()));
    if (index == list.items.size()) list.items.emplace_back();
    return list.items[index];
}

Value& step_into(Document& document, Value& parent, const std::string& key, const Value& setting) {
    if (parent.is_null()) {
        parent.kind = key == "0" ? Value::Kind::list : Value::Kind::map;
        parent.source = setting.source;
        parent.line = 0;
    }
    if (parent.is_list()) return list_item(document, parent, key, setting);
    if (parent.is_scalar()) {
        Value path = parent;
        parent.kind = Value::Kind::map;
        parent.text.clear();
        parent.quoted = false;
        parent.entries.push_back({"path", path.line, std::move(path)});
    }
    return parent.at_or_new(key);
}

void apply_setting(Document& document, const std::string& setting, int source) {
    require_plain_text(setting, "--set", Code::usage);
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0)
        throw Error(Code::usage, on_one_line("--set " + setting + ": expected key.path=value"));
    Value value = setting_value(setting.substr(equals + 1), setting, source);
    const auto keys = split_path(setting.substr(0, equals));
    if (keys.size() > kDeepestPath) throw Error(Code::usage, "--set: more than 32 keys in one path");
    Value* place = &document.root;
    for (const auto& key : keys) {
        if (key.empty())
            throw Error(Code::usage, on_one_line("--set " + setting + ": empty key in the path"));
        place = &step_into(document, *place, key, value);
    }
    *place = std::move(value);
}

bool name_letter(char c, bool first) {
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (!first && c >= '0' && c <= '9');
}

class Substitution {
public:
    explicit Substitution(Document& document) : document_(document) {}

    void run() {
        Value none;
        none.kind = Value::Kind::map;
        for (auto& entry : document_.root.entries)
            if (entry.key == "vars") visit(entry.value, none, "vars");
        const Value* found = document_.root.find("vars");
        const Value variables = found && found->is_map() ? *found : none;
        for (auto& entry : document_.root.entries)
            if (entry.key != "vars") visit(entry.value, variables, entry.key);
    }

private:
    void visit(Value& value, const Value& variables, const std::string& path) {
        for (std::size_t i = 0; i < value.items.size(); ++i)
            visit(value.items[i], variables, path + "[" + std::to_string(i) + "]");
        for (auto& entry : value.entries) visit(entry.value, variables, path + "." + entry.key);
        if (value.is_scalar() && value.text.find("${") != std::string::npos)
            value.text = expand(value, variables, path);
    }

    std::string expand(const Value& value, const Value& variables, const std::string& path) {
        const std::string& text = value.text;
        std::string made;
        for (std::size_t at = 0; at < text.size();) {
            if (text.compare(at, 3, "$${") == 0) {
                made += "${";
                at += 3;
            } else if (text.compare(at, 2, "${") == 0) {
                const auto end = text.find('}', at);
                const auto name = text.substr(at + 2, end == std::string::npos ? end : end - at - 2);
                made += lookup(value, variables, path, name, end != std::string::npos);
                at = end + 1;
            } else {
                made += text[at++];
            }
            if (expanded_ + made.size() > kMostExpandedBytes)
                document_.fail(value, path + ": variables make it too long");
        }
        expanded_ += made.size();
        return made;
    }

    std::string lookup(const Value& value, const Value& variables, const std::string& path,
                       const std::string& name, bool closed) const {
        bool good = closed && !name.empty();
        for (std::size_t i = 0; good && i < name.size(); ++i) good = name_letter(name[i], i == 0);
        if (!good)
            document_.fail(
                value, path + ": '${' must begin a ${NAME} of letters, digits and _; write $${ for itself");
        if (const Value* known = variables.find(name)) {
            if (!known->is_scalar())
                document_.fail(*known, "vars." + name + ": expected text or a number, got " + shown(*known));
            return known->text;
        }
        const char* environment = std::getenv(name.c_str());
        if (!environment)
            document_.fail(value, path + ": ${" + name + "} is not defined; set the environment variable " +
                                      name + " or give --set vars." + name + "=VALUE");
        require_plain_text(environment, "environment variable " + name, document_.code);
        return environment;
    }

    Document& document_;
    std::size_t expanded_ = 0;
};

}  // namespace

void apply_settings(Document& document, const std::vector<std::string>& settings) {
    for (const auto& setting : settings) {
        document.settings.push_back(setting);
        apply_setting(document, setting, static_cast<int>(document.settings.size()));
    }
}

void substitute_variables(Document& document) { Substitution(document).run(); }

}  // namespace spectile::definition
