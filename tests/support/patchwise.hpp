#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>

#include <algorithm>
#include <vector>

#include "models/networks/network.hpp"

namespace spectile::test {

/// Logits [classes, rows, cols] of a scene [bands, rows + window - 1, cols + window - 1], one patch per pixel
/// in batches: the definition of a patch network's map, and the usual way to make one.
inline at::Tensor patchwise_predict(networks::Network& network, const at::Tensor& scene, std::int64_t batch) {
    const at::NoGradGuard no_grad;
    const std::int64_t window = network.window();
    const auto patches =
        scene.unfold(1, window, 1).unfold(2, window, 1);  // [bands, rows, cols, window, window]
    const std::int64_t rows = patches.size(1), cols = patches.size(2);
    const auto by_pixel =
        patches.permute({1, 2, 0, 3, 4}).reshape({rows * cols, scene.size(0), window, window});
    std::vector<at::Tensor> logits;
    for (std::int64_t begin = 0; begin < rows * cols; begin += batch)
        logits.push_back(
            network.forward(by_pixel.narrow(0, begin, std::min(batch, rows * cols - begin)).contiguous()));
    return at::cat(logits).t().reshape({-1, rows, cols});
}

}  // namespace spectile::test
