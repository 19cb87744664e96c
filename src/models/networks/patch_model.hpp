#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "models/networks/network.hpp"
#include "spectile/model.hpp"

namespace spectile::networks {

/// Where and how a patch network runs over a cube.
struct PatchRun {
    std::string device = "cpu";  ///< As resolve_devices() names it.
    int classes = 0;
    std::int64_t pixels = 8192;  ///< Put through the network at once, at first.
    Precision precision = Precision::float32;
};

/// A patch network for whole scenes, pixel by pixel as it was trained, on any device of LibTorch: predictions
/// are class probabilities. What a CUDA device runs; the CPU has a dense kernel where the architecture has
/// one.
///
/// Memory   Where the device has no room for a batch it is halved, for the rest of the runner's life, down
///          to one pixel; then predict() throws Error{Code::memory} naming the window. A pixel's
///          probabilities do not depend on the batch but for the last digits that LibTorch's products round
///          differently.
std::unique_ptr<Model> make_patch_model(std::unique_ptr<Network> network, const PatchRun& run);

}  // namespace spectile::networks
