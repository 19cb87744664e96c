#pragma once

#include <functional>
#include <memory>
#include <string>

#include "models/networks/device_queue.hpp"
#include "models/networks/network.hpp"
#include "spectile/model.hpp"

namespace spectile::networks {

/// Where a tile network runs and what it gives.
struct TileRun {
    std::string device = "cpu";  ///< As resolve_devices() names it.
    int channels = 0;            ///< Of a prediction.
    /// From the network's output for some tiles to [tiles, channels, rows, cols], or to [tiles, channels, 1,
    /// 1] that stands for every pixel. Empty: the output as it is.
    std::function<at::Tensor(const at::Tensor& output)> finish;
    Precision precision = Precision::float32;
    /// Of the kernels' forward pass, as the plan counts it (ModelTraits).
    std::size_t workspace_bytes_per_pixel = 0;
    /// What a device has left, asked once; 0: not known.
    std::function<std::size_t(const std::string& device)> free_bytes = free_device_bytes;
};

/// A tile network for whole scenes as it was trained, by LibTorch's operators, on any device of LibTorch:
/// what a CUDA device runs. The CPU has kernels of its own.
///
/// Batches  predict() puts all cubes through the network at once; a place without a cube holds zeros, so that
///          there are always as many. The first batch is preceded by one whose places all hold its first
///          tile: where their results are not the same bytes, tiles go one by one from then on. So a tile's
///          bytes depend neither on its neighbours nor on its place, but on the size of the batch.
/// Memory   batch() is as large as half of the free memory holds. Where the device has no room for a batch it
///          is halved, for the rest of the model's life, down to one tile; then predict() throws
///          Error{Code::memory} naming the window.
std::unique_ptr<Model> make_tile_on_device(std::shared_ptr<Network> network, const TileRun& run);

}  // namespace spectile::networks
