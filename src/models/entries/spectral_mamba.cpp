// SpectralMamba: state-space network that labels one pixel from the spectra in a small square around it.
// Source: Yao, Hong, Li and Chanussot, "SpectralMamba: Efficient Mamba for Hyperspectral Image
// Classification", arXiv 2404.08489, 2024; reconstructed, as the authors published no code.
#include "models/entries/spectral_mamba_config.hpp"
#include "spectile/error.hpp"
#include "spectile/model.hpp"

namespace spectile {
namespace {

constexpr int kTile = 256;
constexpr std::size_t kKernelScratch = std::size_t{8}
                                       << 20;  ///< Bound of one row group's scratch in the dense kernel.

ModelTraits traits(const ModelCard& card) {
    const auto config = entries::spectral_mamba_config(card);
    if (card.halo && *card.halo != config.halo())
        throw Error(Code::model, card.file + ": halo: follows from patch_size and gssm_padding and is " +
                                     std::to_string(config.halo()) + "; leave the key out");
    ModelTraits out;
    out.task = Task::classification;
    out.bands = config.bands;
    out.channels = config.classes;
    out.tile = card.tile > 0 ? card.tile : kTile;
    out.halo = config.halo();
    out.whole_spectra = true;
    out.flops_per_pixel = config.flops_per_pixel();
    out.exps_per_pixel = config.exps_per_pixel();
    // Weights as read and as packed, and the kernel's scratch.
    out.fixed_bytes = static_cast<std::size_t>(config.parameter_count() * 3 * sizeof(float)) + kKernelScratch;
    return out;
}

}  // namespace

ModelEntry spectral_mamba() {
    return {
        .name = "spectral_mamba", .summary = "Labels each pixel of a hyperspectral scene.", .traits = traits};
}

}  // namespace spectile
