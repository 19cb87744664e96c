#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/networks/spectral_gpt/network.hpp"
#include "weights/safetensors.hpp"

namespace spectile::networks {

/// A network with a file's tensors, by the rules for published checkpoints: `module.` in front of every key
/// is taken off, `pos_embed: auto` follows the keys, spatial tables of positions for another side are resized
/// (bicubic); anything else has to fit exactly.
///
/// Throws Error{Code::model} naming every missing, unexpected and misshapen key.
std::unique_ptr<SpectralGpt> load_spectral_gpt(const weights::SafeTensors& file,
                                               entries::SpectralGptConfig config);

/// What becomes of spatial tables of positions for another side.
enum class PositionChange {
    bicubic,  ///< Resized.
    reinit,   ///< Left as the network begins, as published.
};

/// Copies the encoder, and whatever else fits by name, of a pretraining file into a network of any task that
/// is to learn on. Gives the names that the file says nothing of: they start from scratch. `decoder_*`,
/// `mask_token` and, where the network has a full table, the separable tables are not read.
///
/// Throws Error{Code::model} naming every misshapen or unexpected key, and where the file has no encoder.
std::vector<std::string> begin_from_pretraining(const weights::SafeTensors& file, SpectralGpt& network,
                                                PositionChange change);

}  // namespace spectile::networks
