#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace spectile::plan {

/// Parts [begin, end), a shard's share: neighbours, so that they read the same blocks and share few tiles.
struct PartRun {
    std::int64_t begin = 0, end = 0;
    std::int64_t count() const { return end - begin; }
    bool operator==(const PartRun&) const = default;
};

/// Cuts the parts into `shards` runs of about equal weight: each cut lies at the part whose edge is nearest
/// to its share of the whole, so a shard is at most one part's weight away from it. No shard is empty while
/// there are parts enough; the last ones are where there are fewer parts than shards.
std::vector<PartRun> balance_parts(std::span<const std::int64_t> weights, int shards);

}  // namespace spectile::plan
