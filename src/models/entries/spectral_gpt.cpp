// SpectralGPT: a transformer over tokens of space and spectrum, pretrained by reconstructing hidden ones,
// with heads for scene classification, segmentation and change between two dates. Source: Hong et al.,
// "SpectralGPT: Spectral Remote Sensing Foundation Model", TPAMI 2024, arXiv 2311.07113.
#include "models/entries/spectral_gpt_config.hpp"
#include "spectile/error.hpp"
#include "spectile/model.hpp"

namespace spectile {
namespace {

constexpr int kOverlapShare = 8;  ///< A halo of an eighth of the side: tiles begin at three quarters of it.

int halo_of(const ModelCard& card, const entries::SpectralGptConfig& config) {
    const int halo = card.halo.value_or(config.dense() ? config.side / kOverlapShare : 0);
    if (!config.dense() && halo != 0)
        throw Error(Code::model,
                    card.file + ": halo: must be 0 for a classification, which gives a tile one label");
    if (halo < 0 || 2 * halo >= config.side)
        throw Error(Code::model, card.file + ": halo: leaves nothing of the tile of " +
                                     std::to_string(config.side) + " pixels");
    return halo;
}

ModelTraits traits(const ModelCard& card) {
    const auto config = entries::spectral_gpt_config(card);
    const int halo = halo_of(card, config);
    if (card.tile > 0 && card.tile != config.side - 2 * halo)
        throw Error(Code::model, card.file +
                                     ": tile: follows from parameters.side, the size that the network "
                                     "was trained at, and halo; leave the key out");
    ModelTraits out;
    out.task = config.task == "change"         ? Task::change
               : config.task == "segmentation" ? Task::segmentation
                                               : Task::labels;  // One prediction to a tile.
    out.multi_label = config.multi_label;
    out.bands = config.input_bands();
    out.channels = config.classes;
    out.tile = config.side - 2 * halo;
    out.fixed_tile = true;
    out.halo = halo;
    out.local = false;
    out.blend = halo > 0 ? Blend::feather : Blend::none;
    out.batches = true;
    out.flops_per_pixel = 2 * config.macs_per_pixel();
    out.workspace_bytes_per_pixel = config.workspace_bytes_per_pixel();
    // Weights as read and as they run.
    out.fixed_bytes = static_cast<std::size_t>(config.parameter_count() * 2 * sizeof(float));
    return out;
}

}  // namespace

ModelEntry spectral_gpt() {
    return {.name = "spectral_gpt",
            .summary = "Segments, classifies or compares multispectral scenes.",
            .traits = traits};
}

}  // namespace spectile
