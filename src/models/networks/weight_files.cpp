#include "models/networks/weight_files.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>

namespace spectile::networks {

void copy_weights(const weights::SafeTensors& file, Network& network) {
    const auto tensors = network.tensors();
    std::vector<WeightSpec> specs;
    for (const auto& named : tensors) specs.push_back({named.name, named.tensor.sizes().vec(), named.decay});
    require_weights(file, specs);
    const at::NoGradGuard no_grad;
    for (const auto& named : tensors) {
        auto values = weights::to_floats(file.at(named.name));
        named.tensor.copy_(at::from_blob(values.data(), named.tensor.sizes(), at::kFloat));
    }
}

void save_weights(const std::string& path, Network& network,
                  const std::map<std::string, std::string>& metadata) {
    std::vector<at::Tensor> kept;
    std::map<std::string, weights::TensorView> views;
    for (const auto& named : network.tensors()) {
        const auto& tensor = kept.emplace_back(named.tensor.detach().to(at::kCPU, at::kFloat).contiguous());
        const auto* data = static_cast<const std::byte*>(tensor.data_ptr());
        views[named.name] = {weights::ElementType::F32, tensor.sizes().vec(), {data, tensor.nbytes()}};
    }
    weights::write_safetensors(path, views, metadata);
}

}  // namespace spectile::networks
