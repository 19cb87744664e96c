#include "training/checkpoint_tensors.hpp"

#include <fmt/format.h>

#include <cstring>

#include "spectile/error.hpp"

namespace spectile::training {

using networks::NamedTensor;

weights::TensorView view_of(std::span<const float> values) {
    return {.dtype = weights::ElementType::F32,
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

void add_moments(const AdamW& optimiser, std::map<std::string, weights::TensorView>& file) {
    for (std::size_t i = 0; i < optimiser.parameters().size(); ++i) {
        const auto& name = optimiser.parameters()[i].name;
        file["first." + name] = view_of(optimiser.first_moments[i]);
        file["second." + name] = view_of(optimiser.second_moments[i]);
    }
}

void load_moments(const weights::SafeTensors& file, AdamW& optimiser) {
    for (std::size_t i = 0; i < optimiser.parameters().size(); ++i) {
        const auto& name = optimiser.parameters()[i].name;
        load(file, "first." + name, optimiser.first_moments[i]);
        load(file, "second." + name, optimiser.second_moments[i]);
    }
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
        load(file, prefix + t.name, weights.back());
    }
    return weights;
}

}  // namespace spectile::training
