#include <fmt/format.h>

#include <set>

#include "spectile/error.hpp"
#include "training/split.hpp"

namespace spectile::training {

std::vector<std::vector<int>> folds_of(const SplitDefinition& split, const SplitGround& ground,
                                       const std::vector<Sample>& samples) {
    if (!split.folds.empty()) return split.folds;
    std::set<std::int64_t> labelled;
    for (const auto& s : samples) labelled.insert(tile_number(ground.scenes, split.tile, s.scene, s.x, s.y));
    for (const int number : split.validation) labelled.erase(number);
    const auto count = static_cast<std::size_t>(split.fold_count);
    if (labelled.size() < count)
        throw Error(Code::definition, fmt::format("split.folds: {} folds, but only {} squares hold labels; "
                                                  "give fewer folds or a smaller tile",
                                                  count, labelled.size()));
    std::vector<std::vector<int>> folds(count);
    std::size_t place = 0;
    for (const auto number : labelled) folds[place++ % count].push_back(static_cast<int>(number));
    return folds;
}

SplitDefinition split_of_fold(const SplitDefinition& split, const std::vector<std::vector<int>>& folds,
                              int fold) {
    SplitDefinition one = split;
    one.folds.clear();
    one.fold_count = 0;
    one.test = folds[static_cast<std::size_t>(fold)];
    int wanted = split.fold_validation;
    for (std::size_t step = 1; step < folds.size() && wanted > 0; ++step) {
        const auto& next = folds[(static_cast<std::size_t>(fold) + step) % folds.size()];
        for (std::size_t i = 0; i < next.size() && wanted > 0; ++i, --wanted)
            one.validation.push_back(next[(static_cast<std::size_t>(fold) + i) % next.size()]);
    }
    return one;
}

}  // namespace spectile::training
