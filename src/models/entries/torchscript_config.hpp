#pragma once

#include <string>

#include "spectile/model.hpp"

namespace spectile::entries {

/// What a card says of an exported network, whose file cannot say it itself.
///
/// The network takes float32 [1, bands, rows, cols] and gives [1, channels, rows - 2*crop, cols - 2*crop].
struct TorchscriptConfig {
    int channels = 0;
    int bands = 0;           ///< 0 = as many as enter.
    int rows = 0, cols = 0;  ///< The only size that the network reads; 0 = any.
    int tile = 0, halo = 0;
    int crop = 0;        ///< Pixels that the network's output lacks on every side.
    bool local = false;  ///< Receptive field within the halo.
    bool fixed_tile = false;
    std::string activation = "none";  ///< Applied to the output over its channels: none, softmax, sigmoid.
};

/// Throws Error{Code::model} naming the card and the key.
TorchscriptConfig torchscript_config(const ModelCard& card);

}  // namespace spectile::entries
