#include "models/networks/spectral_gpt/weight_rules.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "models/networks/spectral_gpt/position_tables.hpp"
#include "models/networks/spectral_gpt/weight_layout.hpp"
#include "models/networks/weight_files.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

const std::string kModule = "module.";

/// The file under its published names, without `module.`; views into `file`.
std::map<std::string, weights::TensorView> named_views(const weights::SafeTensors& file) {
    std::map<std::string, weights::TensorView> views;
    for (const auto& [key, view] : file.tensors())
        views[key.starts_with(kModule) ? key.substr(kModule.size()) : key] = view;
    return views;
}

at::Tensor tensor_of(const weights::TensorView& view) {
    auto values = weights::to_floats(view);
    return at::from_blob(values.data(), view.shape, at::kFloat).clone();
}

/// Whether the table is one for another side.
bool needs_resizing(const LayoutTensor& wanted, const weights::TensorView& view) {
    return wanted.name.ends_with("pos_embed_spatial") && view.shape.size() == 3 &&
           view.shape[1] != wanted.shape[1] && view.shape[2] == wanted.shape[2];
}

at::Tensor fitted(const LayoutTensor& wanted, const weights::TensorView& view, std::int64_t grid,
                  const std::string& file) {
    const auto tensor = tensor_of(view);
    return needs_resizing(wanted, view) ? resized_positions(tensor, grid, file + ": " + wanted.name) : tensor;
}

/// The layout as the file must have it: tables that will be resized with the file's own shape.
std::vector<WeightSpec> specs_of(const std::vector<LayoutTensor>& layout,
                                 const std::map<std::string, weights::TensorView>& views) {
    std::vector<WeightSpec> specs;
    for (const auto& wanted : layout) {
        const auto found = views.find(wanted.name);
        const bool resized = found != views.end() && needs_resizing(wanted, found->second);
        specs.push_back({wanted.name, resized ? found->second.shape : wanted.shape});
    }
    return specs;
}

bool is_left_out(const std::string& name, const SpectralGpt& network) {
    if (network.config().task == "pretraining") return false;
    if (name.starts_with("decoder_") || name == "mask_token") return true;
    return network.config().pos_embed == "full" && name.starts_with("pos_embed_");
}

}  // namespace

std::unique_ptr<SpectralGpt> load_spectral_gpt(const weights::SafeTensors& file,
                                               entries::SpectralGptConfig config) {
    const auto views = named_views(file);
    if (config.pos_embed == "auto")
        config.pos_embed =
            config.task == "classification" && views.count("pos_embed") != 0 ? "full" : "separable";
    const auto layout = spectral_gpt_layout(config);
    require_weights(views, specs_of(layout, views), file.name());
    std::map<std::string, at::Tensor> tensors;
    for (const auto& wanted : layout)
        tensors[wanted.name] = fitted(wanted, views.at(wanted.name), config.grid(), file.name());
    return std::make_unique<SpectralGpt>(config, std::move(tensors));
}

std::vector<std::string> begin_from_pretraining(const weights::SafeTensors& file, SpectralGpt& network,
                                                PositionChange change) {
    auto views = named_views(file);
    std::erase_if(views, [&](const auto& entry) { return is_left_out(entry.first, network); });
    if (views.count("blocks.0.norm1.weight") == 0)
        throw Error(Code::model, file.name() + ": holds no pretrained encoder (blocks.0.norm1.weight)");
    const auto layout = spectral_gpt_layout(network.config());
    std::vector<std::string> fresh;
    std::vector<LayoutTensor> read;
    for (const auto& wanted : layout) {
        const auto found = views.find(wanted.name);
        if (found == views.end()) {
            fresh.push_back(wanted.name);
        } else if (change == PositionChange::reinit && needs_resizing(wanted, found->second)) {
            fresh.push_back(wanted.name);
            views.erase(found);
        } else {
            read.push_back(wanted);
        }
    }
    require_weights(views, specs_of(read, views), file.name());
    std::map<std::string, at::Tensor> tensors;
    for (const auto& named : network.tensors()) tensors[named.name] = named.tensor;
    const at::NoGradGuard no_grad;
    for (const auto& wanted : read)
        tensors.at(wanted.name)
            .copy_(fitted(wanted, views.at(wanted.name), network.config().grid(), file.name()));
    return fresh;
}

}  // namespace spectile::networks
