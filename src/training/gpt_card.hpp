#pragma once

#include <optional>
#include <string>

#include "spectile/training.hpp"

namespace spectile::training {

/// What SpectralGPT is to learn: `parameters.task`, else what the data is (before and after: change, single
/// scenes: segmentation, patches: classification). Throws Error{Code::definition} where the two do not go
/// together, where `parameters.classes` is not the number of classes listed, and where change has other than
/// two.
std::string gpt_task(const Training& training);

/// Whether a model was trained for another task than this training's, as a pretrained encoder was.
bool is_of_other_task(const ModelCard& start, const std::string& task);

/// Makes a card one for the task: task, parameters, and of two dates bands found by position.
void set_gpt_task(ModelCard& card, const std::string& task);

/// Bands of one date, from those that enter the network. Throws Error{Code::definition} where
/// `parameters.bands` says another number.
std::size_t bands_of_date(const Training& training, const std::string& task, std::size_t entering);

}  // namespace spectile::training
