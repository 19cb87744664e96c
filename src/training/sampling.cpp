#include "training/sampling.hpp"

#include <algorithm>
#include <cmath>

#include "training/random.hpp"

namespace spectile::training {
namespace {

/// How often each class is shown: shares of `total` by `weights`, whole numbers that sum to it.
std::vector<std::size_t> turns_of(const std::vector<double>& weights, std::size_t total) {
    double sum = 0, before = 0;
    for (const double weight : weights) sum += weight;
    std::vector<std::size_t> turns;
    std::size_t given = 0;
    for (const double weight : weights) {
        before += weight;
        const auto until = static_cast<std::size_t>(std::llround(before / sum * static_cast<double>(total)));
        turns.push_back(until - given);
        given = until;
    }
    return turns;
}

double weight_of(const Recipe& recipe, std::size_t samples) {
    if (samples == 0) return 0;
    return recipe.sampling == "balanced" ? 1 : std::sqrt(static_cast<double>(samples));
}

std::vector<std::size_t> shuffle(std::vector<std::size_t> samples, Random random) {
    const auto order = shuffled(samples.size(), random);
    std::vector<std::size_t> result(samples.size());
    std::transform(order.begin(), order.end(), result.begin(), [&](std::size_t i) { return samples[i]; });
    return result;
}

}  // namespace

std::vector<std::size_t> epoch_order(const Recipe& recipe,
                                     const std::vector<std::vector<std::size_t>>& members, std::uint64_t seed,
                                     int epoch) {
    const auto key = static_cast<std::uint64_t>(epoch);
    std::vector<std::size_t> all;
    for (const auto& samples : members) all.insert(all.end(), samples.begin(), samples.end());
    std::sort(all.begin(), all.end());
    if (recipe.sampling != "plain") {
        std::vector<double> weights;
        for (const auto& samples : members) weights.push_back(weight_of(recipe, samples.size()));
        const auto turns = turns_of(weights, all.size());
        all.clear();
        for (std::size_t c = 0; c < members.size(); ++c) {
            if (members[c].empty()) continue;
            const auto drawn = shuffle(members[c], Random(seed, Purpose::sampling, {key, c}));
            for (std::size_t i = 0; i < turns[c]; ++i) all.push_back(drawn[i % drawn.size()]);
        }
    }
    return shuffle(std::move(all), Random(seed, Purpose::order, {key}));
}

}  // namespace spectile::training
