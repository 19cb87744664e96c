#pragma once

#include <map>
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

/// Adds both moments of each parameter to a file, under `first.` and `second.` and its name. The optimiser
/// must outlive the views.
void add_moments(const AdamW& optimiser, std::map<std::string, weights::TensorView>& file);

/// The way back. Throws as `load`.
void load_moments(const weights::SafeTensors& file, AdamW& optimiser);

/// Throws Error{Code::definition} unless the file's `recipe` is this fingerprint. `source` is what the
/// training learns from, for the message.
void check_recipe(const weights::SafeTensors& file, const std::string& fingerprint,
                  const std::string& source);

/// Throws Error{Code::model}: the checkpoint cannot be read.
[[noreturn]] void fail_damaged(const std::string& path, const std::string& detail);

/// One entry per tensor from `prefix` and its name; empty where the file holds none of them. Throws as
/// `load`.
Weights load_all(const weights::SafeTensors& file, const std::string& prefix,
                 const std::vector<networks::NamedTensor>& tensors);

}  // namespace spectile::training
