#include <ATen/ops/exp.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>

#include "models/networks/spectral_gpt/tile_model.hpp"
#include "models/networks/tile_on_device.hpp"

namespace spectile::networks {
namespace {

/// Of a classification one for the whole tile.
at::Tensor probabilities(const entries::SpectralGptConfig& config, const at::Tensor& scores) {
    if (config.task == "change") return at::exp(scores);
    const auto out = config.multi_label ? at::sigmoid(scores) : at::softmax(scores, 1);
    return out.dim() == 2 ? out.unsqueeze(2).unsqueeze(3) : out;
}

}  // namespace

std::unique_ptr<Model> make_tile_model_on(const std::string& device, std::shared_ptr<SpectralGpt> network,
                                          Precision precision) {
    const auto config = network->config();
    return make_tile_on_device(std::move(network),
                               {.device = device,
                                .channels = config.classes,
                                .finish = [config](const at::Tensor& x) { return probabilities(config, x); },
                                .precision = precision,
                                .workspace_bytes_per_pixel = config.workspace_bytes_per_pixel()});
}

}  // namespace spectile::networks
