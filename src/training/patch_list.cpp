#include "training/patch_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "spectile/error.hpp"
#include "training/random.hpp"

namespace spectile::training {
namespace {

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
    return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

std::vector<std::string> names_in(const std::string& label) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= label.size();) {
        const auto stop = std::min(label.find(';', at), label.size());
        if (auto name = trimmed(label.substr(at, stop - at)); !name.empty()) names.push_back(std::move(name));
        at = stop + 1;
    }
    return names;
}

}  // namespace

PatchList PatchList::open(const Training& training, bool multi_label) {
    IndexSource source;
    source.file = training.patches->index;
    source.reading = training.patches->reading;
    source.labelled = true;
    PatchList list(SceneIndex::open(source));
    list.classes_ = training.classes;
    list.multi_label_ = multi_label;
    for (const auto role : {Role::training, Role::validation, Role::test}) list.read(role, training.split);
    list.places_.clear();
    return list;
}

void PatchList::read(Role role, const SplitDefinition& split) {
    for (std::uint64_t n = 0; n < index_.size(role); ++n) {
        const std::size_t i = patches_.size();
        patches_.push_back({.classes = {}, .role = role, .listed = role, .number = n, .first = i});
        const auto entry = index_.entry(role, n);
        if (split.by == "random" && entry.has_role)
            throw Error(Code::definition,
                        fmt::format("{}: has a role, and split.by is random; take the column role away, or "
                                    "split by given",
                                    where(i)));
        patches_[i].classes = classes_of(entry.label, i);
        take_place(entry.place, i);
    }
}

std::vector<int> PatchList::classes_of(const std::string& label, std::size_t i) const {
    std::vector<int> found;
    const auto names = multi_label_ ? names_in(label) : std::vector<std::string>{trimmed(label)};
    for (const auto& name : names) {
        const auto match = std::find_if(classes_.begin(), classes_.end(), [&](const ClassInfo& c) {
            return c.name == name || std::to_string(c.value) == name;
        });
        if (match == classes_.end())
            throw Error(Code::definition,
                        fmt::format("{}: label '{}' is none of the definition's classes{}", where(i), name,
                                    !multi_label_ && name.find(';') != std::string::npos
                                        ? "; several labels need parameters: {multi_label: true}"
                                        : ""));
        found.push_back(static_cast<int>(match - classes_.begin()));
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

void PatchList::take_place(const std::string& place, std::size_t i) {
    if (place.empty()) return;
    const auto [first, is_new] = places_.emplace(place, i);
    if (is_new) return;
    if (patches_[first->second].listed != patches_[i].listed)
        throw Error(Code::definition,
                    fmt::format("{}: its place '{}' has another role in {}; one place has one role, else the "
                                "figures mean nothing",
                                where(i), place, where(first->second)));
    patches_[i].first = first->second;
}

std::vector<std::size_t> PatchList::with_role(Role role) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < patches_.size(); ++i)
        if (patches_[i].role == role) found.push_back(i);
    return found;
}

void PatchList::draw_roles(const SplitDefinition& split, std::uint64_t seed,
                           std::vector<std::string>& warnings) {
    if (split.by == "random") {
        std::map<int, std::vector<std::size_t>> places;  // By class: that of a place's first patch.
        for (std::size_t i = 0; i < patches_.size(); ++i)
            if (patches_[i].first == i) places[multi_label_ ? 0 : patches_[i].classes.front()].push_back(i);
        std::size_t count = 0;
        for (const auto& [stratum, members] : places) {
            count += members.size();
            const auto validation = part_of(split.validation_share, members.size()),
                       test = part_of(split.test_share, members.size());
            const auto order =
                shuffled(members.size(), Random(seed, Purpose::split, {static_cast<std::uint64_t>(stratum)}));
            for (std::size_t k = 0; k < members.size(); ++k)
                patches_[members[order[k]]].role = k < validation          ? Role::validation
                                                   : k < validation + test ? Role::test
                                                                           : Role::training;
        }
        for (auto& patch : patches_) patch.role = patches_[patch.first].role;
        if (count == patches_.size())
            warnings.push_back(summary().file +
                               ": no two patches share a place; where neighbours are among them, a split by "
                               "random gives figures that are too good");
    }
    check_classes(warnings);
}

void PatchList::check_classes(std::vector<std::string>& warnings) const {
    std::vector<std::size_t> count(classes_.size(), 0);
    for (const auto& patch : patches_)
        if (patch.role == Role::training)
            for (const int c : patch.classes) ++count[static_cast<std::size_t>(c)];
    for (std::size_t c = 0; c < count.size(); ++c) {
        if (count[c] > 0) continue;
        const auto line = fmt::format("{}: class {} ({}) has no patch that trains", summary().file,
                                      classes_[c].value, classes_[c].name);
        if (!multi_label_) throw Error(Code::definition, line + "; change the split, or leave the class out");
        warnings.push_back(line + ", so nothing is learnt of it but that it is rare");
    }
}

}  // namespace spectile::training
