#include "models/networks/mim_istd/weight_rules.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>

#include <nlohmann/json.hpp>

#include "models/networks/mim_istd/weight_layout.hpp"
#include "models/networks/weight_files.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

constexpr int kExchangeSide = 512;
const std::string kModule = "module.", kUnusedNorm = "mim_backbone.norm.";

bool is_never_read(const std::string& key) {
    return key.ends_with(".relative_pos") || key.ends_with(".num_batches_tracked") ||
           key.starts_with(kUnusedNorm);
}

/// The file without what is never read, its keys without `module.`.
weights::SafeTensors reduced(const weights::SafeTensors& file) {
    std::map<std::string, weights::TensorView> views;
    for (const auto& [key, view] : file.tensors()) {
        const auto name = key.starts_with(kModule) ? key.substr(kModule.size()) : key;
        if (!is_never_read(name)) views[name] = view;
    }
    return weights::SafeTensors::parse(weights::encode_safetensors(views, file.metadata()), file.name());
}

/// Weights of one layout run in the other without an error and give nonsense, so the files say which it is.
void require_same_function(const weights::SafeTensors& file, const entries::MimIstdConfig& config) {
    const auto stored = file.metadata().find("config");
    if (stored == file.metadata().end()) {
        if (config.official()) return;  // Published files hold no configuration.
        throw Error(Code::model, file.name() +
                                     ": does not say its layout, so it is official; the card's "
                                     "parameters.layout is spatial");
    }
    const auto theirs = nlohmann::json::parse(
        entries::to_json(entries::parse_mim_istd(stored->second, file.name() + ": config")));
    const auto ours = nlohmann::json::parse(entries::to_json(config));
    for (const auto& [key, value] : ours.items())
        if (key != "dropout" && theirs[key] != value)
            throw Error(Code::model, file.name() + ": was trained with " + key + " " + theirs[key].dump() +
                                         ", but the card's parameters." + key + " is " + value.dump());
}

}  // namespace

ExpectedWeights mim_istd_expected(const std::string& parameters) {
    ExpectedWeights expected;
    for (const auto& weight : mim_istd_layout(entries::parse_mim_istd(parameters, "mim_istd")))
        expected.tensors.push_back({weight.name, weight.shape});
    expected.is_unread = is_never_read;
    return expected;
}

void copy_mim_istd_weights(const weights::SafeTensors& file, MimIstd& network) {
    require_same_function(file, network.config());
    const auto read = reduced(file);
    const auto tensors = network.tensors();
    std::vector<WeightSpec> specs;
    for (const auto& named : tensors) specs.push_back({named.name, named.tensor.sizes().vec(), named.decay});
    require_weights(read, specs);
    const at::NoGradGuard no_grad;
    for (const auto& named : tensors) {
        auto values = weights::to_floats(read.at(named.name));
        named.tensor.copy_(at::from_blob(values.data(), named.tensor.sizes(), at::kFloat));
    }
}

void save_for_exchange(const std::string& path, MimIstd& network) {
    const auto& config = network.config();
    if (!config.official() || config.inner != "ss2d")
        throw Error(Code::model, path + ": only layout official with inner ss2d has a published form");
    std::map<std::string, weights::TensorView> views;
    std::vector<at::Tensor> kept;
    for (const auto& named : network.tensors()) {
        const auto& tensor = kept.emplace_back(named.tensor.detach().to(at::kFloat).contiguous());
        const auto* data = static_cast<const std::byte*>(tensor.data_ptr());
        views[named.name] = {weights::ElementType::F32, tensor.sizes().vec(), {data, tensor.nbytes()}};
    }
    const auto unread = mim_istd_unread(config, kExchangeSide);
    std::size_t largest = sizeof(std::int64_t);
    const auto bytes_of = [](const UnreadEntry& entry) {
        std::size_t bytes = entry.counter ? sizeof(std::int64_t) : sizeof(float);
        for (const auto side : entry.shape) bytes *= static_cast<std::size_t>(side);
        return bytes;
    };
    for (const auto& entry : unread) largest = std::max(largest, bytes_of(entry));
    const std::vector<std::byte> zeros(largest);
    for (const auto& entry : unread)
        views[entry.name] = {entry.counter ? weights::ElementType::I64 : weights::ElementType::F32,
                             entry.shape, std::span(zeros).first(bytes_of(entry))};
    weights::write_safetensors(path, views, {});
}

}  // namespace spectile::networks
