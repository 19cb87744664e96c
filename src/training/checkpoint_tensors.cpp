#include "training/checkpoint_tensors.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <cstring>

#include "spectile/error.hpp"

namespace spectile::training {

using networks::NamedTensor;

void CheckpointContent::add(const std::string& name, const at::Tensor& tensor) {
    held_.push_back(tensor.detach().to(at::kCPU));
    add(name, values_of(held_.back()));
}

void CheckpointContent::add(const std::string& name, std::span<const float> values) {
    views_[name] = {.dtype = weights::ElementType::F32,
                    .shape = {static_cast<std::int64_t>(values.size())},
                    .data = std::as_bytes(values)};
}

void load(const weights::SafeTensors& file, const std::string& key, std::span<float> out) {
    const auto& view = file.at(key);
    if (view.dtype != weights::ElementType::F32 || view.data.size() != out.size_bytes())
        throw Error(Code::model,
                    fmt::format("{}: {} does not fit this training; remove the file or give --restart",
                                file.name(), key));
    std::memcpy(out.data(), view.data.data(), view.data.size());
}

void load(const weights::SafeTensors& file, const std::string& key, const at::Tensor& out) {
    if (out.device().is_cpu()) return load(file, key, values_of(out));
    const at::NoGradGuard no_grad;
    const at::Tensor values = at::empty(out.sizes(), at::kFloat);
    load(file, key, values_of(values));
    out.copy_(values);
}

void add_moments(const AdamW& optimiser, CheckpointContent& file) {
    for (std::size_t i = 0; i < optimiser.parameters().size(); ++i) {
        const auto& name = optimiser.parameters()[i].name;
        file.add("first." + name, optimiser.first_moments[i]);
        file.add("second." + name, optimiser.second_moments[i]);
    }
}

void load_moments(const weights::SafeTensors& file, AdamW& optimiser) {
    for (std::size_t i = 0; i < optimiser.parameters().size(); ++i) {
        const auto& name = optimiser.parameters()[i].name;
        load(file, "first." + name, optimiser.first_moments[i]);
        load(file, "second." + name, optimiser.second_moments[i]);
    }
}

void add_scale(const LossScale& scale, nlohmann::ordered_json& state) {
    if (scale.moves) state["loss_scale"] = {scale.value, scale.good_steps};
}

LossScale scale_of(const nlohmann::ordered_json& state) {
    const auto found = state.find("loss_scale");
    if (found == state.end()) return {};
    return {.moves = true, .value = found->at(0), .good_steps = found->at(1)};
}

void check_recipe(const weights::SafeTensors& file, const std::string& fingerprint,
                  const std::string& source) {
    const auto stored = file.metadata().find("recipe");
    if (stored == file.metadata().end() || stored->second != fingerprint)
        throw Error(Code::definition,
                    fmt::format("{}: belongs to another definition, {} or program version; give --restart to "
                                "train anew or --work with another folder",
                                file.name(), source));
}

void fail_damaged(const std::string& path, const std::string& detail) {
    throw Error(Code::model, fmt::format("{}: the checkpoint is damaged; remove it or give --restart", path),
                detail);
}

Weights load_all(const weights::SafeTensors& file, const std::string& prefix,
                 const std::vector<NamedTensor>& tensors) {
    Weights weights;
    if (tensors.empty() || !file.contains(prefix + tensors.front().name)) return weights;
    for (const auto& t : tensors) {
        weights.emplace_back(static_cast<std::size_t>(t.tensor.numel()));
        load(file, prefix + t.name, std::span(weights.back()));
    }
    return weights;
}

}  // namespace spectile::training
