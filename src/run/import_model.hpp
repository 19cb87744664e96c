#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/known_names.hpp"

namespace spectile::run {

/// What a STAC item of a model is to become.
struct ImportOptions {
    std::string item;                   ///< A JSON file with the MLM extension.
    std::string output;                 ///< The model folder to be.
    std::vector<std::string> settings;  ///< `key.path=value` of the card.
    bool overwrite = false;
    KnownNames known;
};

struct ImportReport {
    std::string name, architecture, weights_sha256;
    std::uint64_t bytes = 0;  ///< Of the files copied.
};

/// Writes a model folder from an item: model.yaml, and copies of the files that the item names beside it,
/// their SHA-256 compared with the item's. Nothing is fetched: an href elsewhere is refused. Whatever fails
/// leaves no folder of that name, or the one that was there. Throws Error{Code::missing}, Error{Code::model},
/// Error{Code::verification} (another SHA-256), Error{Code::publish}.
ImportReport import_model(const ImportOptions& options);

}  // namespace spectile::run
