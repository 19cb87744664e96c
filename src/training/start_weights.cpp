#include "training/start_weights.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

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
    auto parameters = nlohmann::json::parse(card.parameters);
    parameters["classes"] = card.classes.size() + 1;
    const auto larger = networks::make_network(card.architecture, parameters.dump(), 1);
    const auto tensors = network.tensors(), others = larger->tensors();
    std::set<std::string> names;
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

}  // namespace

StartReport take_weights(const ModelCard& start, const ModelCard& card, networks::Network& network) {
    const auto file = weights::SafeTensors::parse(networks::read_verified(start), start.weights);
    const auto anew = same_classes(start, card) ? std::set<std::string>{} : class_tensors(card, network);
    StartReport report;
    for (const auto& tensor : network.tensors()) {
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
