#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spectile/model.hpp"

namespace spectile::stac {

/// A file of the model folder.
struct ModelFile {
    std::string path;  ///< Absolute.
    std::uint64_t bytes = 0;
    std::string sha256;
};

/// What an item of a model says beyond its card.
struct ModelFacts {
    ModelTraits traits;
    /// How many numbers the weights hold, where they can be counted.
    std::optional<std::uint64_t> parameters;
    ModelFile card;
    std::optional<ModelFile> weights, selftest;
};

/// A model as a STAC item with the MLM extension, for a file at `path` (absolute): hrefs are relative to its
/// folder.
///
/// What the extension has no field for stands in `spectile:card`, the card in its canonical form, from which
/// `read_model_item` makes the same card again. Nobody records where and when a model holds, so the item has
/// no geometry and any time. Equal for equal models.
std::string model_item_text(const ModelCard& card, const ModelFacts& facts, const std::string& path);

}  // namespace spectile::stac
