#pragma once

#include <string>
#include <vector>

#include "models/networks/network.hpp"
#include "spectile/model.hpp"

namespace spectile::training {

/// What a network took over from the model it starts from, and what begins with random weights: names of its
/// tensors, in its order.
struct StartReport {
    std::vector<std::string> taken, fresh;
};

/// Copies the weights of `start` into a network that was made for `card`: every tensor of the same name and
/// shape. Where the classes are not the same ones in the same order, the tensors whose shape depends on their
/// number (the head) begin anew, even if the number happens to be equal.
///
/// Of SpectralGPT, spatial tables of positions for another side are resized (bicubic), and a pretrained
/// encoder is taken over by the rules of begin_from_pretraining.
///
/// Throws Error{Code::model} where nothing fits, and as read_verified does.
StartReport take_weights(const ModelCard& start, const ModelCard& card, networks::Network& network);

}  // namespace spectile::training
