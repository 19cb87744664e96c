#pragma once

#include <string>

#include "spectile/training.hpp"

namespace spectile::training {

/// Throws Error{Code::publish} where the output holds `what` already and the options do not say overwrite.
void check_options(const Training& training, const TrainingOptions& options,
                   const std::string& what = "model.yaml");

/// Where a checkpoint of this name lies; empty without a work folder, which is made. With `restart` an
/// earlier one is removed.
std::string checkpoint_path(const TrainingOptions& options, const std::string& name);

}  // namespace spectile::training
