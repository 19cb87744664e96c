#pragma once

#include "plan/make_plan.hpp"

namespace spectile::plan {

inline std::int64_t round_up(std::int64_t value, std::int64_t step) {
    return (value + step - 1) / step * step;
}

/// What the mosaic holds of a pixel while its block row fills: the products' values, and sums where tiles
/// overlap.
std::size_t strip_pixel_bytes(const PlanInputs& inputs);

/// Shares the budget out: GDAL's cache, tiles in flight, the mosaic's strip, and with `tiling.part` unset the
/// size of the parts. `plan` holds tiles and parts already. Throws Error{Code::memory} with the least that
/// would do.
void plan_memory(const PlanInputs& inputs, Plan& plan);

}  // namespace spectile::plan
