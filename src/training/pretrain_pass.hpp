#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/networks/spectral_gpt/network.hpp"
#include "spectile/model.hpp"
#include "training/mixed_precision.hpp"

namespace spectile::training {

/// The two parts of the loss, each summed over crops.
struct LossSums {
    double token = 0, spectral = 0;
    std::uint64_t crops = 0;

    void add(const LossSums& other) {
        token += other.token, spectral += other.spectral, crops += other.crops;
    }
    /// Mean over the crops of both parts together.
    double mean() const { return crops > 0 ? (token + spectral) / static_cast<double>(crops) : 0; }
};

/// Crops with what is hidden of each.
struct MaskedCrops {
    at::Tensor pixels;  ///< [crops, bands, side, side]
    at::Tensor noise;   ///< [crops, tokens]; networks::masking_noise
};

/// How many crops run through a network of this kind together: as many as keep what one pass holds for its
/// gradients below half a GiB, up to 16. A function of the configuration, so that results do not depend on
/// the machine.
std::int64_t crops_per_pass(const entries::SpectralGptConfig& config);

/// Who learns from crops, and with how many hands.
struct CropLearner {
    networks::SpectralGpt& network;
    const std::vector<networks::NamedTensor>& parameters;  ///< Its trainable ones.
    int threads = 1;  ///< Passes that may run at a time; on a device one.
    ParallelFor parallel;
    Arithmetic arithmetic = {};
};

/// Adds the gradients of the crops' scaled losses (summed over the crops, not averaged) to `sums`, one tensor
/// for each parameter on its device, and gives the losses. Up to `threads` passes run at a time, or as many
/// as keep their gradients below a GiB, and are added in their order, so that the bytes are the same whatever
/// the threads.
LossSums learn_crops(const CropLearner& learner, const MaskedCrops& crops,
                     const std::vector<at::Tensor>& sums);

/// The losses alone.
LossSums reconstruction_losses(networks::SpectralGpt& network, const MaskedCrops& crops,
                               const ParallelFor& parallel);

}  // namespace spectile::training
