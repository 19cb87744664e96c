#pragma once

#include <ATen/core/Tensor.h>

namespace spectile::networks {

/// A table of positions [1, from * from, width] for a grid of `side` x `side`: bicubic, half-pixel centres,
/// A = -0.75, no smoothing. Throws Error{Code::model} naming `where` if the rows are no square grid.
at::Tensor resized_positions(const at::Tensor& table, std::int64_t side, const std::string& where);

}  // namespace spectile::networks
