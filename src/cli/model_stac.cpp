#include "cli/model_stac.hpp"

#include <filesystem>

#include "core/checksum.hpp"
#include "core/text_file.hpp"
#include "stac/model_item.hpp"
#include "weights/safetensors.hpp"

namespace spectile::cli {
namespace {

namespace fs = std::filesystem;

stac::ModelFile model_file(const std::string& path) {
    const std::string whole = fs::absolute(path).lexically_normal().string();
    const std::string sum = sha256_of_file(whole);  // Says which file is missing, where one is.
    return {whole, fs::file_size(whole), sum};
}

/// Of weights that are data; TorchScript is a program, which is not opened to be counted.
std::optional<std::uint64_t> count_parameters(const ModelCard& card) {
    if (card.weights.empty() || fs::path(card.weights).extension() != ".safetensors") return std::nullopt;
    std::uint64_t count = 0;
    const auto file = weights::SafeTensors::open(card.weights);
    for (const auto& [_, tensor] : file.tensors()) count += tensor.elements();
    return count;
}

}  // namespace

void write_model_stac(const ModelCard& card, const ModelTraits& traits, const std::string& path) {
    stac::ModelFacts facts{.traits = traits,
                           .parameters = count_parameters(card),
                           .card = model_file(card.file),
                           .weights = {},
                           .selftest = {}};
    if (!card.weights.empty()) facts.weights = model_file(card.weights);
    if (!card.selftest.empty()) facts.selftest = model_file(card.selftest);
    const std::string target = fs::absolute(path).lexically_normal().string();
    write_text_file(target, stac::model_item_text(card, facts, target));
}

}  // namespace spectile::cli
