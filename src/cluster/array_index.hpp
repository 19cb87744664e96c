#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace spectile::cluster {

/// A variable's value, or nullptr: `std::getenv`, or a test's.
using Environment = std::function<const char*(const char*)>;

/// The shard, from 1, that a scheduler's array gives this process.
///
/// Slurm, PBS, LSF and SGE arrays are submitted as 1-N and their index is the shard; Kubernetes and AWS Batch
/// count from 0. Counts, minima and steps in the environment are not looked at: where only failed tasks are
/// submitted again they shrink, while an index keeps its meaning. Throws Error{Code::usage} where no
/// scheduler speaks, where two disagree, and for an index that is no shard.
std::int64_t shard_of_array(const Environment& environment);

}  // namespace spectile::cluster
