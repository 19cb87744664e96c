#pragma once

#include <functional>
#include <memory>
#include <string>

#include "models/networks/network.hpp"
#include "spectile/model.hpp"

namespace spectile::networks {

/// Where a tile network runs and what it gives.
struct TileRun {
    std::string device = "cpu";  ///< As resolve_devices() names it.
    int channels = 0;            ///< Of a prediction.
    /// From the network's output for one tile to [1, channels, rows, cols], or to [1, channels, 1, 1] that
    /// stands for every pixel. Empty: the output as it is.
    std::function<at::Tensor(const at::Tensor& output)> finish;
};

/// A tile network for whole scenes as it was trained, by LibTorch's operators, on any device of LibTorch:
/// what a CUDA device runs. The CPU has kernels of its own.
///
/// Memory   Where the device has no room for a tile, predict() throws Error{Code::memory} naming the window.
std::unique_ptr<Model> make_tile_on_device(std::shared_ptr<Network> network, const TileRun& run);

}  // namespace spectile::networks
