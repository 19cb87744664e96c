#pragma once

#include <string>
#include <vector>

#include "training/scene_index.hpp"

namespace spectile::training {

/// One image with what its index says of it.
struct Patch {
    std::vector<int> classes;  ///< Positions in the list of classes; exactly one unless multi-label.
    Role role = Role::training;
    Role listed = Role::training;  ///< As the index has it, by which its entry is found.
    std::uint64_t number = 0;      ///< Of the entry.
    std::size_t first = 0;         ///< The first patch of its place, which has the same role.
};

/// The images that a classifier of images learns from, with their labels. Const while it is used, but for
/// `draw_roles`; any thread may ask.
class PatchList {
public:
    /// Reads the index. Labels are names of the definition's classes, or their values. Throws
    /// Error{Code::definition} naming file and line: labels that are no class, none or several where one is
    /// due, a place with two roles, roles in the index and a split that draws them.
    static PatchList open(const Training& training, bool multi_label);

    std::size_t size() const { return patches_.size(); }
    const Patch& operator[](std::size_t i) const { return patches_[i]; }
    IndexEntry entry(std::size_t i) const { return index_.entry(patches_[i].listed, patches_[i].number); }
    /// "patches.csv:17", for messages.
    std::string where(std::size_t i) const {
        return index_.where(index_.place(patches_[i].listed, patches_[i].number));
    }
    std::vector<std::size_t> with_role(Role role) const;
    bool multi_label() const { return multi_label_; }
    const std::vector<ClassInfo>& classes() const { return classes_; }
    const IndexSummary& summary() const { return index_.summary(); }

    /// Gives the patches their roles: those of the index, or drawn by `seed`, place by place, within each
    /// class where classes exclude each other. `warnings` gets a line for each class of a multi-label list
    /// that no patch trains. Throws Error{Code::definition} where that is a class by itself.
    void draw_roles(const SplitDefinition& split, std::uint64_t seed, std::vector<std::string>& warnings);

private:
    explicit PatchList(SceneIndex index) : index_(std::move(index)) {}
    void read(Role role, const SplitDefinition& split);
    std::vector<int> classes_of(const std::string& label, std::size_t i) const;
    void take_place(const std::string& place, std::size_t i);
    void check_classes(std::vector<std::string>& warnings) const;

    SceneIndex index_;
    std::vector<Patch> patches_;
    std::vector<ClassInfo> classes_;
    std::map<std::string, std::size_t> places_;  ///< The first patch of each.
    bool multi_label_ = false;
};

}  // namespace spectile::training
