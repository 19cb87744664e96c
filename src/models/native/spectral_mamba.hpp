#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/entries/spectral_mamba_config.hpp"
#include "spectile/model.hpp"
#include "weights/safetensors.hpp"

namespace spectile::native {

/// The network for whole scenes, by the dense kernel: predictions are class probabilities.
///
/// `file` must hold the network's weights and, in its metadata, the same configuration.
/// Throws Error{Code::model} naming the keys that do not fit.
std::unique_ptr<Model> make_dense_model(const entries::SpectralMambaConfig& config,
                                        const weights::SafeTensors& file);

/// Throws Error{Code::model} where the file was written for another configuration, naming the key and both
/// values.
void require_same_config(const entries::SpectralMambaConfig& config, const weights::SafeTensors& file);

/// Weights as float32 arrays by name.
using WeightArrays = std::map<std::string, std::vector<float>>;

/// The same with weights from memory, which must be those of the network's layout.
std::unique_ptr<Model> make_dense_model(const entries::SpectralMambaConfig& config, WeightArrays weights,
                                        Precision precision = Precision::float32);

/// The card's network with the card's weights. Throws Error{Code::model} or Error{Code::verification}.
std::unique_ptr<Model> load_spectral_mamba(const ModelCard& card);

}  // namespace spectile::native
