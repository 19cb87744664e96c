#include "models/entries/registry.hpp"
#include "pipeline/nearest.hpp"
#include "spectile/error.hpp"

namespace spectile {

const ModelEntry& model_entry(const std::string& architecture, const std::string& where) {
    std::vector<std::string> names;
    for (const auto& entry : model_entries()) {
        if (entry.name == architecture) return entry;
        names.push_back(entry.name);
    }
    throw Error(Code::model, where + ": architecture: \"" + architecture + "\" is unknown" +
                                 definition::suggestion(architecture, names));
}

const std::vector<std::string>& half_architectures(bool cuda) {
    static const std::vector<std::string> on_cpu = {"spectral_gpt", "spectral_mamba"},
                                          on_cuda = {"mim_istd", "spectral_gpt", "spectral_mamba"};
    return cuda ? on_cuda : on_cpu;
}

const char* precision_name(Precision precision) {
    if (precision == Precision::bfloat16) return "bfloat16";
    return precision == Precision::float16 ? "float16" : "float32";
}

ModelTraits traits_of(const ModelCard& card) {
    auto traits = model_entry(card.architecture, card.file).traits(card);
    if (!card.flips) return traits;
    traits.flops_per_pixel *= kFlips;
    traits.exps_per_pixel *= kFlips;
    // The flipped tile and what is said of it (src/models/flips.cpp): a float32 value each, and a mask.
    traits.workspace_bytes_per_pixel += static_cast<std::size_t>(traits.bands + traits.channels) * 4 + 2;
    return traits;
}

}  // namespace spectile
