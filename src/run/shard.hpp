#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace spectile::run {

/// Number of shards in "K/N"; 1 where `shard` is empty. Throws Error{Code::usage}.
int shard_count(const std::string& shard);

/// Parts that `shard` ("K/N", K from 1, or empty for all) stands for, ascending.
std::vector<std::int64_t> parts_of(const std::string& shard, std::int64_t parts);

}  // namespace spectile::run
