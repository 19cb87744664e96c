#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "models/networks/network.hpp"
#include "training/checkpoint.hpp"
#include "weights/safetensors.hpp"

namespace spectile::training {

/// What a checkpoint is to hold, by name, each as one row of float32. Tensors may lie on any device: what is
/// not on the CPU is copied, so that the file says nothing of it.
class CheckpointContent {
public:
    void add(const std::string& name, const at::Tensor& tensor);
    /// `values` must outlive it.
    void add(const std::string& name, std::span<const float> values);
    const std::map<std::string, weights::TensorView>& views() const { return views_; }

private:
    std::map<std::string, weights::TensorView> views_;
    std::vector<at::Tensor> held_;
};

/// Copies `key` of the file into `out`, which has the right size. Throws Error{Code::model} naming the key.
void load(const weights::SafeTensors& file, const std::string& key, std::span<float> out);
/// The same into a tensor on any device.
void load(const weights::SafeTensors& file, const std::string& key, const at::Tensor& out);

/// Adds both moments of each parameter to a file, under `first.` and `second.` and its name.
void add_moments(const AdamW& optimiser, CheckpointContent& file);

/// The way back. Throws as `load`.
void load_moments(const weights::SafeTensors& file, AdamW& optimiser);

/// The scale of a loss, in the state of a training that has one; others' says nothing.
void add_scale(const LossScale& scale, nlohmann::ordered_json& state);
LossScale scale_of(const nlohmann::ordered_json& state);

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
