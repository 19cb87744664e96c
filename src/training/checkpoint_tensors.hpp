#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/networks/network.hpp"
#include "training/checkpoint.hpp"
#include "weights/safetensors.hpp"

namespace spectile::training {

/// Values of a tensor as one row of float32, for a checkpoint; `values` must outlive the view.
weights::TensorView view_of(std::span<const float> values);

/// Copies `key` of the file into `out`, which has the right size. Throws Error{Code::model} naming the key.
void load(const weights::SafeTensors& file, const std::string& key, std::span<float> out);

/// One entry per tensor from `prefix` and its name; empty where the file holds none of them. Throws as
/// `load`.
Weights load_all(const weights::SafeTensors& file, const std::string& prefix,
                 const std::vector<networks::NamedTensor>& tensors);

}  // namespace spectile::training
