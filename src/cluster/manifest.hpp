#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/balance.hpp"

namespace spectile::cluster {

/// What one task of an array does.
struct ManifestShard {
    plan::PartRun parts;
    std::int64_t pixels = 0;        ///< Of its parts.
    std::int64_t valid_pixels = 0;  ///< Estimated, see Manifest::balanced_by.
    std::uint64_t scratch_bytes = 0;
    double seconds = -1;  ///< Wall time with `threads`; negative where this machine has measured nothing.
};

/// A raster product and the names of its part files.
struct ManifestProduct {
    std::string kind;
    std::string path;  ///< Absolute.
};

/// What a run's shards have in common and how its parts are shared out. Everything in it follows from the
/// inputs, the definition and the options, so the same inputs give the same bytes.
struct Manifest {
    std::string file;                    ///< Where it was read from, for messages.
    std::string recipe;                  ///< SHA-256.
    std::string components;              ///< Of the recipe, JSON text.
    std::string instructions;            ///< The level: one of the components.
    std::string inputs;                  ///< JSON text: [{path, bytes, modified, sha256}].
    std::string work;                    ///< Work directory, absolute.
    std::int64_t width = 0, height = 0;  ///< Of the products, in pixels.
    std::int64_t part = 0;               ///< Side of a part in pixels.
    std::int64_t parts = 0;
    bool statistics = false;      ///< Whether shards need statistics of the whole scene first.
    double recomputed_share = 0;  ///< Pixels that are inferred again since parts share tiles, of all.
    std::string balanced_by;      ///< overview, sample or coverage.
    std::vector<ManifestProduct> products;
    // What one shard asks for: the most that any of them does.
    int threads = 1, gpus = 0;
    std::uint64_t memory_bytes = 0;
    std::vector<ManifestShard> shards;

    /// Shards, from 1, that hold any of the `wanted` parts, ascending.
    std::vector<std::int64_t> shards_of(const std::vector<std::int64_t>& wanted) const;
    /// Parts of one shard, from 1. Throws Error{Code::usage} for a shard that is not there.
    std::vector<std::int64_t> parts_of(std::int64_t shard) const;
};

/// The manifest as JSON, one shard a line.
std::string manifest_text(const Manifest& manifest);

/// Reads a manifest and proves that its shards hold every part exactly once. Throws Error{Code::missing},
/// Error{Code::definition} naming file and key.
Manifest read_manifest(const std::string& file);

}  // namespace spectile::cluster
