#include "checkpoints/state_layout.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::checkpoints {
namespace {

std::optional<ValueId> entry_of(const Pickle& pickle, const Entries& entries, std::string_view key) {
    // The last one holds, as in Python.
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
        if (pickle.key_text(entry->first) == key) return entry->second;
    return std::nullopt;
}

/// The value under keys joined by dots, which keys may hold themselves: the shortest key that leads on is
/// taken.
std::optional<ValueId> descend(const Pickle& pickle, ValueId id, std::string_view path) {
    while (!path.empty()) {
        const auto entries = pickle.entries(id);
        if (!entries) return std::nullopt;
        std::optional<ValueId> next;
        std::size_t length = 0;
        while (!next && length < path.size()) {
            length = std::min(path.find('.', length + 1), path.size());
            next = entry_of(pickle, *entries, path.substr(0, length));
        }
        if (!next) return std::nullopt;
        id = *next;
        path.remove_prefix(std::min(length + 1, path.size()));
    }
    return id;
}

std::string keys_text(const Pickle& pickle, const Entries& entries) {
    constexpr std::size_t kShown = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(entries.size(), kShown); ++i)
        text += (i ? ", " : "") +
                in_quotes(pickle.key_text(entries[i].first).value_or(pickle.describe(entries[i].first)));
    return entries.size() > kShown ? text + ", ..." : text;
}

std::optional<nlohmann::json> scalar_of(const Value& value) {
    switch (value.kind) {
        case Kind::boolean:
            return value.integer != 0;
        case Kind::integer:
            return value.integer;
        case Kind::real:
            return value.real;
        case Kind::text:
            return std::string(value.text);
        default:
            return std::nullopt;
    }
}

void add_facts(const Pickle& pickle, const Entries& entries, const std::string& prefix,
               std::map<std::string, std::string>& facts) {
    for (const auto& [key, value] : entries)
        if (const auto name = pickle.key_text(key))
            if (const auto scalar = scalar_of(pickle.at(value)))
                facts[prefix + *name] =
                    scalar->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

StateLayout find_state(const Pickle& pickle, const std::string& from, const std::string& name) {
    const auto top = pickle.entries(pickle.root_id());
    if (!top)
        refuse(name, "it holds " + pickle.describe(pickle.root_id()) +
                         ", not a dictionary; save a network's state_dict()");
    if (!from.empty()) {
        const auto found = descend(pickle, pickle.root_id(), from);
        const auto entries = found ? pickle.entries(*found) : std::nullopt;
        if (!entries)
            throw Error(Code::model,
                        name + ": " + in_quotes(from) +
                            (found ? " is " + pickle.describe(*found) + ", not a dictionary"
                                   : " is not there; the top level has " + keys_text(pickle, *top)));
        return {from, *entries};
    }
    for (const char* wrapper : {"model", "state_dict"})
        if (const auto found = entry_of(pickle, *top, wrapper))
            if (auto entries = pickle.entries(*found)) return {wrapper, std::move(*entries)};
    return {"", *top};
}

std::map<std::string, std::string> facts_of(const Pickle& pickle) {
    std::map<std::string, std::string> facts;
    const auto top = pickle.entries(pickle.root_id());
    if (!top) return facts;
    add_facts(pickle, *top, "", facts);
    if (const auto arguments = entry_of(pickle, *top, "args"))
        add_facts(pickle, pickle.entries(*arguments).value_or(pickle.attributes(*arguments)), "args.", facts);
    return facts;
}

}  // namespace spectile::checkpoints
