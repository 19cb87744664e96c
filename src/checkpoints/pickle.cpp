#include "checkpoints/pickle.hpp"

#include <algorithm>

namespace spectile::checkpoints {

std::string Pickle::global_name(ValueId id) const {
    if (id == kNoValue) return {};
    const Value& value = at(id);
    if (value.kind == Kind::call) {
        if (value.callee == kNoValue || at(value.callee).kind != Kind::global) return {};
        return global_name(value.callee);
    }
    if (value.kind != Kind::global) return {};
    return std::string(value.module) + "." + std::string(value.text);
}

std::optional<Entries> Pickle::entries(ValueId id) const {
    if (id == kNoValue) return std::nullopt;
    const Value& value = at(id);
    const bool ordered = value.kind == Kind::call && global_name(id) == "collections.OrderedDict";
    if (value.kind != Kind::dict && !ordered) return std::nullopt;
    Entries found;
    // Python 2 stored the entries of an OrderedDict as the argument of its call: a list of pairs.
    if (ordered && value.arguments != kNoValue && !at(value.arguments).items.empty())
        for (const auto pair : at(at(value.arguments).items.front()).items)
            if (const auto& both = at(pair).items; both.size() == 2) found.emplace_back(both[0], both[1]);
    for (std::size_t i = 0; i + 1 < value.items.size(); i += 2)
        found.emplace_back(value.items[i], value.items[i + 1]);
    return found;
}

Entries Pickle::attributes(ValueId id) const {
    if (id == kNoValue || at(id).kind != Kind::call) return {};
    return entries(at(id).state).value_or(Entries{});
}

std::optional<std::string> Pickle::key_text(ValueId id) const {
    const Value& value = at(id);
    if (value.kind == Kind::text) return std::string(value.text);
    if (value.kind == Kind::integer) return std::to_string(value.integer);
    return std::nullopt;
}

std::string Pickle::describe(ValueId id) const {
    const auto named = [&] {
        const auto name = global_name(id);
        return name.empty() ? std::string("something computed") : in_quotes(name);
    };
    switch (at(id).kind) {
        case Kind::none:
            return "None";
        case Kind::boolean:
            return "True or False";
        case Kind::integer:
            return "a whole number";
        case Kind::real:
            return "a number";
        case Kind::text:
            return "a text";
        case Kind::bytes:
            return "bytes";
        case Kind::tuple:
            return "a tuple";
        case Kind::list:
            return "a list";
        case Kind::set:
            return "a set";
        case Kind::dict:
            return "a dictionary";
        case Kind::global:
            return "the name " + named();
        case Kind::call:
            return "a call of " + named();
        case Kind::persistent:
            break;
    }
    return "a storage";
}

Pickle read_pickle(const ByteSource& source, std::uint64_t offset, std::uint64_t end) {
    // A pickle does not say how long it is, so it is tried in growing pieces: little is read twice.
    constexpr std::uint64_t kFirst = 64U << 10, kGrowth = 8;
    const std::uint64_t most = std::min(end - offset, Pickle::kMaxBytes);
    for (std::uint64_t size = std::min(kFirst, most);; size = std::min(size * kGrowth, most)) {
        if (auto pickle = Pickle::parse(read_extent(source, {offset, size}), source.name()))
            return std::move(*pickle);
        if (size == most) break;
    }
    refuse(source.name(), "the pickle at byte " + std::to_string(offset) +
                              (most == Pickle::kMaxBytes ? " is longer than any checkpoint's"
                                                         : " ends before it is complete"));
}

}  // namespace spectile::checkpoints
