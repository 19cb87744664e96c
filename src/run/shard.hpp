#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spectile/run.hpp"

namespace spectile::cluster {
struct Manifest;
}

namespace spectile::run {

/// One of several equal shares, from 1.
struct Fraction {
    int index = 1, count = 1;
};

/// "3/16", or "auto/16" with the scheduler's array index. Throws Error{Code::usage}.
Fraction parse_fraction(const std::string& shard);

/// How many shards the plan is for: the N of "K/N", or the manifest's; 1 where `options.shard` is empty.
/// Throws Error{Code::usage}.
int shard_count(const RunOptions& options);

/// Parts that `options.shard` stands for, ascending; all of them where it is empty.
///
/// "K/N" without a manifest: contiguous runs of equal part counts. With one, N is the manifest's and shards
/// are looked up there, as are those of "K,L,M-P" and of `auto` (the scheduler's array index). Throws
/// Error{Code::usage} for what is no shard, Error{Code::definition} for a damaged manifest.
std::vector<std::int64_t> parts_of(const RunOptions& options, std::int64_t parts);

/// Shards, from 1, that `shard` names in a manifest.
std::vector<std::int64_t> shards_named(const std::string& shard, const cluster::Manifest& manifest);

}  // namespace spectile::run
