#include "training/split.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "spectile/error.hpp"
#include "training/random.hpp"

namespace spectile::training {
namespace {

std::int64_t columns(const SceneSize& scene, int tile) { return (scene.width + tile - 1) / tile; }
std::int64_t rows(const SceneSize& scene, int tile) { return (scene.height + tile - 1) / tile; }

/// Roles by number (of a tile, of a scene); numbers in neither list train.
class RolesByNumber {
public:
    RolesByNumber(const SplitDefinition& split, std::int64_t count, const char* what) {
        add(split.validation, Role::validation, count, what, "split.validation");
        add(split.test, Role::test, count, what, "split.test");
    }
    Role of(std::int64_t number) const {
        const auto found = roles_.find(number);
        return found == roles_.end() ? Role::training : found->second;
    }

private:
    void add(const std::vector<int>& numbers, Role role, std::int64_t count, const char* what,
             const char* key) {
        for (const int number : numbers) {
            if (number < 0 || number >= count)
                throw Error(Code::definition, fmt::format("{}: there is no {} {}; numbers run from 0 to {}",
                                                          key, what, number, count - 1));
            if (!roles_.emplace(number, role).second)
                throw Error(Code::definition,
                            fmt::format("{}: {} {} is named twice; give it one role", key, what, number));
        }
    }
    std::map<std::int64_t, Role> roles_;
};

void split_randomly(const SplitDefinition& split, std::size_t classes, std::uint64_t seed,
                    std::vector<Sample>& samples) {
    if (split.validation_share < 0 || split.test_share < 0 || split.validation_share + split.test_share >= 1)
        throw Error(
            Code::definition,
            "split: validation_share and test_share must not be negative and must leave pixels to train on");
    for (std::size_t target = 0; target < classes; ++target) {
        std::vector<std::size_t> of_class;
        for (std::size_t i = 0; i < samples.size(); ++i)
            if (samples[i].target == static_cast<int>(target)) of_class.push_back(i);
        const auto share = [&](double part) {
            return static_cast<std::size_t>(std::llround(part * static_cast<double>(of_class.size())));
        };
        const std::size_t validation = share(split.validation_share), test = share(split.test_share);
        const auto order = shuffled(of_class.size(), Random(seed, Purpose::split, {target}));
        for (std::size_t i = 0; i < order.size(); ++i)
            samples[of_class[order[i]]].role = i < validation          ? Role::validation
                                               : i < validation + test ? Role::test
                                                                       : Role::training;
    }
}

void check(const SplitDefinition& split, const std::vector<ClassInfo>& classes,
           const std::vector<Sample>& samples) {
    std::map<Role, std::size_t> by_role;
    std::vector<std::size_t> by_class(classes.size(), 0);
    for (const auto& sample : samples) {
        ++by_role[sample.role];
        if (sample.role == Role::training) ++by_class[static_cast<std::size_t>(sample.target)];
    }
    const auto none = [&](Role role) { return by_role[role] == 0; };
    if ((!split.validation.empty() && none(Role::validation)) || (!split.test.empty() && none(Role::test)))
        throw Error(Code::definition,
                    "split: the validation or test tiles hold no labelled pixel; name others");
    for (std::size_t i = 0; i < classes.size(); ++i)
        if (by_class[i] == 0)
            throw Error(
                Code::definition,
                fmt::format("split: class {} ({}) has no training pixel; change the split or leave it out",
                            classes[i].value, classes[i].name));
}

}  // namespace

std::int64_t tile_number(const std::vector<SceneSize>& scenes, int tile, int scene, std::int64_t x,
                         std::int64_t y) {
    std::int64_t before = 0;
    for (int i = 0; i < scene; ++i)
        before += columns(scenes[static_cast<std::size_t>(i)], tile) *
                  rows(scenes[static_cast<std::size_t>(i)], tile);
    return before + y / tile * columns(scenes[static_cast<std::size_t>(scene)], tile) + x / tile;
}

void assign_roles(const SplitDefinition& split, const std::vector<SceneSize>& scenes,
                  const std::vector<ClassInfo>& classes, std::uint64_t seed, std::vector<Sample>& samples,
                  std::vector<std::string>& warnings) {
    if (split.by == "tiles") {
        if (split.tile < 1) throw Error(Code::definition, "split.tile must be at least 1");
        std::int64_t count = 0;
        for (const auto& scene : scenes) count += columns(scene, split.tile) * rows(scene, split.tile);
        const RolesByNumber roles(split, count, "tile");
        for (auto& s : samples) s.role = roles.of(tile_number(scenes, split.tile, s.scene, s.x, s.y));
    } else if (split.by == "given") {
        const RolesByNumber roles(split, static_cast<std::int64_t>(scenes.size()), "scene");
        for (auto& s : samples) s.role = roles.of(s.scene);
    } else if (split.by == "random") {
        split_randomly(split, classes.size(), seed, samples);
        warnings.push_back(
            "split by random pixels: patches of training and test pixels overlap, so the accuracy is too "
            "good; "
            "split by tiles for figures that hold elsewhere");
    } else {
        throw Error(Code::definition,
                    fmt::format("split.by: '{}' is not known; use tiles, random or given", split.by));
    }
    check(split, classes, samples);
}

}  // namespace spectile::training
