#include "plan/balance.hpp"

#include <algorithm>
#include <numeric>

namespace spectile::plan {

std::vector<PartRun> balance_parts(std::span<const std::int64_t> weights, int shards) {
    const auto parts = static_cast<std::int64_t>(weights.size());
    std::vector<std::int64_t> before(weights.size() + 1, 0);  // Weight of the parts before each.
    std::partial_sum(weights.begin(), weights.end(), before.begin() + 1);
    std::vector<PartRun> out;
    std::int64_t begin = 0;
    for (int shard = 1; shard <= shards; ++shard) {
        // In long double: exact for any scene that fits on a disk.
        const auto target = static_cast<std::int64_t>(static_cast<long double>(before.back()) *
                                                      static_cast<long double>(shard) / shards);
        const auto above = std::lower_bound(before.begin(), before.end(), target);
        auto end = std::min<std::int64_t>(above - before.begin(), parts);
        const auto at = [&](std::int64_t part) { return before[static_cast<std::size_t>(part)]; };
        if (end > 0 && target - at(end - 1) < at(end) - target) --end;
        // One part each while they last, and one left for each shard to come.
        end = std::min(std::max(end, begin + 1), std::max(begin + 1, parts - (shards - shard)));
        end = shard == shards ? parts : std::min(end, parts);
        out.push_back({std::min(begin, parts), end});
        begin = end;
    }
    return out;
}

}  // namespace spectile::plan
