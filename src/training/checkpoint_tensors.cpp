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
