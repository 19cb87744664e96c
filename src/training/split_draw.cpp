#include <fmt/format.h>

#include <cmath>
#include <map>

#include "spectile/error.hpp"
#include "training/random.hpp"
#include "training/split.hpp"

namespace spectile::training {
namespace {

/// The squares of a split by blocks, with their samples, and the training pixels that each class has left.
struct Blocks {
    std::map<std::int64_t, std::vector<std::size_t>> samples;  ///< By number of the square.
    std::map<int, std::size_t> training;                       ///< By class.
};

/// Gives a square to `role` unless a class would lose its last training pixels.
bool give(Blocks& blocks, std::int64_t number, Role role, std::vector<Sample>& samples) {
    std::map<int, std::size_t> taken;
    for (const auto i : blocks.samples.at(number)) ++taken[samples[i].target];
    for (const auto& [target, count] : taken)
        if (blocks.training[target] == count) return false;
    for (const auto& [target, count] : taken) blocks.training[target] -= count;
    for (const auto i : blocks.samples.at(number)) samples[i].role = role;
    return true;
}

}  // namespace

std::size_t part_of(double share, std::size_t count) {
    return static_cast<std::size_t>(std::llround(share * static_cast<double>(count)));
}

void draw_pixels(const SplitDefinition& split, const SplitGround& ground, std::uint64_t seed,
                 std::vector<Sample>& samples, std::vector<std::string>& warnings) {
    const bool by_count = split.training_pixels > 0;
    if (!by_count && (split.validation_share < 0 || split.test_share < 0 ||
                      split.validation_share + split.test_share >= 1))
        throw Error(
            Code::definition,
            "split: validation_share and test_share must not be negative and must leave pixels to train on");
    for (std::size_t target = 0; target < ground.classes.size(); ++target) {
        std::vector<std::size_t> of_class;
        for (std::size_t i = 0; i < samples.size(); ++i)
            if (samples[i].target == static_cast<int>(target)) of_class.push_back(i);
        const std::size_t count = of_class.size();
        const auto wanted = static_cast<std::size_t>(split.training_pixels);
        const std::size_t validation = by_count ? 0 : part_of(split.validation_share, count);
        const std::size_t test =
            by_count ? count - std::min(wanted, count) : part_of(split.test_share, count);
        if (by_count && count <= wanted)
            warnings.push_back(
                fmt::format("split: class {} ({}) has {} pixels, so all of them train and "
                            "none tests",
                            ground.classes[target].value, ground.classes[target].name, count));
        const auto order = shuffled(count, Random(seed, Purpose::split, {target}));
        for (std::size_t i = 0; i < count; ++i)
            samples[of_class[order[i]]].role = i < validation          ? Role::validation
                                               : i < validation + test ? Role::test
                                                                       : Role::training;
    }
    warnings.push_back(
        "split by random pixels: patches of training and test pixels overlap and neighbours are alike, so "
        "the "
        "accuracy is too good; split by tiles or blocks for figures that hold elsewhere");
}

void draw_blocks(const SplitDefinition& split, const SplitGround& ground, std::uint64_t seed,
                 std::vector<Sample>& samples) {
    Blocks blocks;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        auto& sample = samples[i];
        sample.role = Role::training;
        ++blocks.training[sample.target];
        blocks.samples[tile_number(ground.scenes, split.tile, sample.scene, sample.x, sample.y)].push_back(i);
    }
    std::vector<std::int64_t> numbers;
    for (const auto& [number, members] : blocks.samples) numbers.push_back(number);
    std::size_t place = 0;
    const auto order = shuffled(numbers.size(), Random(seed, Purpose::split, {}));
    for (const auto& [role, share] :
         {std::pair{Role::test, split.test_share}, std::pair{Role::validation, split.validation_share}}) {
        std::size_t missing = part_of(share, samples.size());
        if (missing == 0) continue;
        const std::size_t wanted = missing;
        for (; place < order.size() && missing > 0; ++place) {
            const auto number = numbers[order[place]];
            if (!give(blocks, number, role, samples)) continue;
            missing -= std::min(missing, blocks.samples.at(number).size());
        }
        if (missing == wanted)
            throw Error(Code::definition,
                        fmt::format("split: no square of {} pixels can be spared for {}; give a smaller tile",
                                    split.tile, role == Role::test ? "test" : "validation"));
    }
}

}  // namespace spectile::training
