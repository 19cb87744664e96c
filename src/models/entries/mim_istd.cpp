// MiM-ISTD: small targets in infrared images, by state-space models over sentences of pixels and the words in
// them. Source: Chen et al., arXiv 2403.02148, 2024.
#include "models/entries/mim_istd_config.hpp"
#include "spectile/error.hpp"
#include "spectile/model.hpp"

namespace spectile {
namespace {

constexpr int kOverlap = 64;  ///< Covers the two finest skips, which carry small targets.

ModelTraits traits(const ModelCard& card) {
    const auto config = entries::mim_istd_config(card);
    const int halo = card.halo.value_or(kOverlap / 2);
    if (2 * halo >= config.tile)
        throw Error(Code::model, card.file + ": halo: leaves nothing of the tile of " +
                                     std::to_string(config.tile) + " pixels");
    if (card.tile > 0 && card.tile != config.tile - 2 * halo)
        throw Error(Code::model, card.file +
                                     ": tile: follows from parameters.tile, the size that the network "
                                     "was trained at; leave the key out");
    ModelTraits out;
    out.task = Task::detection;
    out.bands = config.bands;
    out.channels = 1;
    out.tile = config.tile - 2 * halo;
    out.fixed_tile = true;
    out.tile_multiple = config.multiple();
    out.halo = halo;
    out.local = false;
    out.blend = Blend::feather;
    out.batches = true;
    out.logits = true;
    out.flops_per_pixel = 2 * config.macs_per_pixel() + 6 * config.state_updates_per_pixel();
    out.exps_per_pixel = config.state_updates_per_pixel();
    out.workspace_bytes_per_pixel = config.workspace_bytes_per_pixel();
    return out;
}

}  // namespace

ModelEntry mim_istd() {
    return {.name = "mim_istd", .summary = "Finds small targets in infrared images.", .traits = traits};
}

}  // namespace spectile
