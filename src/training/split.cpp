#include "training/split.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "spectile/error.hpp"

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

void by_tiles(const SplitDefinition& split, const SplitGround& ground, std::vector<Sample>& samples) {
    std::int64_t count = 0;
    for (const auto& scene : ground.scenes) count += columns(scene, split.tile) * rows(scene, split.tile);
    const RolesByNumber roles(split, count, "tile");
    for (auto& s : samples) s.role = roles.of(tile_number(ground.scenes, split.tile, s.scene, s.x, s.y));
}

void by_scenes(const SplitDefinition& split, const SplitGround& ground, std::vector<Sample>& samples) {
    if (split.validation.empty() && split.test.empty()) return;  // The labels' own files said it.
    const RolesByNumber roles(split, static_cast<std::int64_t>(ground.scenes.size()), "scene");
    for (auto& s : samples) s.role = roles.of(s.scene);
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

void assign_roles(const SplitDefinition& split, const SplitGround& ground, std::uint64_t seed,
                  std::vector<Sample>& samples, std::vector<std::string>& warnings) {
    if (split.tile < 1) throw Error(Code::definition, "split.tile must be at least 1");
    if (split.by == "tiles")
        by_tiles(split, ground, samples);
    else if (split.by == "blocks")
        draw_blocks(split, ground, seed, samples);
    else if (split.by == "given")
        by_scenes(split, ground, samples);
    else if (split.by == "random")
        draw_pixels(split, ground, seed, samples, warnings);
    else
        throw Error(Code::definition,
                    fmt::format("split.by: '{}' is not known; use tiles, blocks, random or given", split.by));
    check(split, ground.classes, samples);
}

}  // namespace spectile::training
