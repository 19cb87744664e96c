#include "models/native/weight_check.hpp"

#include <filesystem>
#include <set>

#include "core/checksum.hpp"
#include "spectile/error.hpp"

namespace spectile::native {
namespace {

std::string list_of(const std::vector<std::string>& names) {
    constexpr std::size_t kShown = 6;
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < kShown; ++i) text += (i ? ", " : "") + names[i];
    return names.size() > kShown ? text + " and " + std::to_string(names.size() - kShown) + " more" : text;
}

bool is_float(weights::ElementType type) {
    using enum weights::ElementType;
    return type == F32 || type == F16 || type == BF16 || type == F64;
}

}  // namespace

std::vector<std::byte> read_verified(const ModelCard& card) {
    if (card.weights.empty())
        throw Error(Code::model,
                    card.file + ": weights: is missing; " + card.architecture + " cannot run without");
    if (!std::filesystem::exists(card.weights))
        throw Error(Code::model, card.file + ": weights: " + card.weights + " is not there");
    auto bytes = weights::read_bytes(card.weights);
    if (card.weights_sha256.empty()) return bytes;
    const auto found = sha256_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (found != card.weights_sha256)
        throw Error(Code::verification,
                    card.weights + ": its SHA-256 is not the one in " + card.file +
                        "; the file is damaged or belongs to another card",
                    "found " + found + ", card says " + card.weights_sha256);
    return bytes;
}

void require_weights(const weights::SafeTensors& file, const std::vector<WeightSpec>& specs) {
    require_weights(file.tensors(), specs, file.name());
}

void require_weights(const std::map<std::string, weights::TensorView>& views,
                     const std::vector<WeightSpec>& specs, const std::string& file) {
    std::vector<std::string> missing, misshapen, unexpected;
    std::set<std::string> wanted;
    for (const auto& spec : specs) {
        wanted.insert(spec.name);
        const auto found = views.find(spec.name);
        if (found == views.end()) {
            missing.push_back(spec.name);
            continue;
        }
        const auto& view = found->second;
        if (view.shape != spec.shape || !is_float(view.dtype))
            misshapen.push_back(spec.name + " is " + std::string(weights::name_of(view.dtype)) + " " +
                                weights::shape_text(view.shape) + ", not " + weights::shape_text(spec.shape));
    }
    for (const auto& [key, view] : views)
        if (!wanted.contains(key)) unexpected.push_back(key);
    std::string problems;
    const auto add = [&](const char* what, const std::vector<std::string>& names) {
        if (!names.empty())
            problems += (problems.empty() ? "" : "; ") + std::string(what) + ": " + list_of(names);
    };
    add("missing", missing);
    add("unexpected", unexpected);
    add("misshapen", misshapen);
    if (!problems.empty()) throw Error(Code::model, file + ": does not fit the network; " + problems);
}

}  // namespace spectile::native
