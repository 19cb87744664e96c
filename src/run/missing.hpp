#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/manifest.hpp"
#include "core/ledger.hpp"
#include "run/recipe.hpp"
#include "spectile/run.hpp"

// What a run still lacks, by part and by shard.

namespace spectile::run {

/// Parts of `wanted` that the ledger does not hold, ascending.
std::vector<std::int64_t> not_in(const Ledger& ledger, const std::vector<std::int64_t>& wanted);

/// Throws Error{Code::interrupted} where parts are lacking: how many, of which shards where a manifest says,
/// and what those shards ended with last.
void refuse_gaps(const std::string& work, const std::vector<std::int64_t>& lacking, std::size_t wanted,
                 const std::string& manifest);

/// Throws where the manifest is another recipe's: Error{Code::device} where only the instruction level
/// differs, else Error{Code::definition} naming what does.
void refuse_other_manifest(const cluster::Manifest& manifest, const Recipe& recipe);

/// What a run lacks.
struct Missing {
    std::vector<std::int64_t> parts;
    std::vector<std::int64_t> shards;  ///< From 1; those that hold any of the parts.
};

/// Parts that are not in the work directory, and shards to be run again: of the manifest in
/// `options.manifest`, else of `shards` equal ones. Looks at the journals and at the files' sizes only;
/// `merge` compares checksums. Nothing is missing where the products are published. Throws as `run_pipeline`
/// does.
Missing missing_of(const Pipeline& pipeline, const RunOptions& options, int shards);

}  // namespace spectile::run
