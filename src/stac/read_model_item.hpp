#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace spectile::stac {

/// A file that the card names, and where the item says it is.
struct ItemFile {
    std::string asset;   ///< Its key, for messages.
    std::string href;    ///< As the item has it.
    std::string name;    ///< In the model folder to be.
    std::string sha256;  ///< As the item says; empty where it does not.
};

/// A model card as `model.yaml` has it, made from an item.
struct ImportedCard {
    nlohmann::ordered_json card;
    std::vector<ItemFile> files;
    bool torchscript_of_others = false;  ///< The file's SHA-256 is still to be put into the card.
};

/// What an item with the MLM extension says of a model. `file` begins every message.
///
/// An item of ours is read from `spectile:card`. One of others must have a TorchScript asset
/// (`mlm:artifact_type` torch.jit.save) and an input and output that a torchscript card can say: batch,
/// bands, height, width of float32, one scaling, no function of its own. `given_prepare`: the caller gives
/// the preparation, so that nothing is refused for its sake. Throws Error{Code::model} naming what is
/// missing.
ImportedCard read_model_item(const std::string& text, const std::string& file, bool given_prepare);

}  // namespace spectile::stac
