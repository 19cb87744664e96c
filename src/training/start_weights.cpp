#include "training/start_weights.hpp"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "models/networks/spectral_gpt/position_tables.hpp"
#include "models/networks/spectral_gpt/weight_rules.hpp"
#include "models/networks/weight_files.hpp"
#include "spectile/error.hpp"
#include "training/optimiser.hpp"
#include "weights/safetensors.hpp"

namespace spectile::training {
namespace {

bool same_classes(const ModelCard& a, const ModelCard& b) {
    return std::equal(
        a.classes.begin(), a.classes.end(), b.classes.begin(), b.classes.end(),
        [](const ClassInfo& x, const ClassInfo& y) { return x.value == y.value && x.name == y.name; });
}

/// Names of the tensors that another number of classes would give another shape.
std::set<std::string> class_tensors(const ModelCard& card, networks::Network& network) {
    const auto tensors = network.tensors();
    std::set<std::string> names;
    if (dynamic_cast<networks::SpectralGpt*>(&network)) {  // Change has two classes and cannot have more.
        for (const auto& t : tensors)
            if (t.name.starts_with("cls_seg.") || t.name.starts_with("head.")) names.insert(t.name);
        return names;
    }
    auto parameters = nlohmann::json::parse(card.parameters);
    parameters["classes"] = card.classes.size() + 1;
    const auto larger = networks::make_network(card.architecture, parameters.dump(), 1);
    const auto others = larger->tensors();
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (tensors[i].tensor.sizes() != others[i].tensor.sizes()) names.insert(tensors[i].name);
    return names;
}

bool fits(const weights::SafeTensors& file, const networks::NamedTensor& tensor) {
    if (!file.contains(tensor.name)) return false;
    const auto& view = file.at(tensor.name);
    const auto sizes = tensor.tensor.sizes();
    return view.dtype == weights::ElementType::F32 &&
           std::equal(view.shape.begin(), view.shape.end(), sizes.begin(), sizes.end());
}

/// Spatial tables of positions for another side, as of an encoder that saw smaller images.
bool resize_positions(const weights::SafeTensors& file, const networks::NamedTensor& tensor,
                      networks::Network& network) {
    const auto* gpt = dynamic_cast<networks::SpectralGpt*>(&network);
    if (!gpt || tensor.name != "pos_embed_spatial" || !file.contains(tensor.name)) return false;
    const auto& view = file.at(tensor.name);
    const auto sizes = tensor.tensor.sizes();
    if (view.shape.size() != 3 || view.shape[1] == sizes[1] || view.shape[2] != sizes[2]) return false;
    auto values = weights::to_floats(view);
    const auto resized = networks::resized_positions(at::from_blob(values.data(), view.shape, at::kFloat),
                                                     gpt->config().grid(), file.name() + ": " + tensor.name);
    const auto from = values_of(resized);
    std::copy(from.begin(), from.end(), values_of(tensor.tensor).begin());
    return true;
}

/// A SpectralGPT that only reconstructs: its decoder is not taken over.
bool is_pretrained(const ModelCard& start) {
    return nlohmann::json::parse(start.parameters).value("task", std::string()) == "pretraining";
}

}  // namespace

StartReport take_weights(const ModelCard& start, const ModelCard& card, networks::Network& network) {
    const auto file = weights::SafeTensors::parse(networks::read_verified(start), start.weights);
    StartReport report;
    if (auto* gpt = dynamic_cast<networks::SpectralGpt*>(&network); gpt && is_pretrained(start)) {
        report.fresh = networks::begin_from_pretraining(file, *gpt, networks::PositionChange::bicubic);
        const std::set<std::string> fresh(report.fresh.begin(), report.fresh.end());
        for (const auto& tensor : network.tensors())
            if (fresh.count(tensor.name) == 0) report.taken.push_back(tensor.name);
        return report;
    }
    const auto anew = same_classes(start, card) ? std::set<std::string>{} : class_tensors(card, network);
    for (const auto& tensor : network.tensors()) {
        if (resize_positions(file, tensor, network)) {
            report.taken.push_back(tensor.name);
            continue;
        }
        if (anew.count(tensor.name) != 0 || !fits(file, tensor)) {
            report.fresh.push_back(tensor.name);
            continue;
        }
        std::memcpy(values_of(tensor.tensor).data(), file.at(tensor.name).data.data(),
                    file.at(tensor.name).data.size());
        report.taken.push_back(tensor.name);
    }
    if (report.taken.empty())
        throw Error(Code::model, start.file +
                                     ": none of its weights fits the network of this training; check "
                                     "parameters");
    return report;
}

}  // namespace spectile::training
