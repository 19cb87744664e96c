#include "models/networks/spectral_gpt/position_tables.hpp"

#include <ATen/ops/upsample_bicubic2d.h>

#include <cmath>

#include "spectile/error.hpp"

namespace spectile::networks {

at::Tensor resized_positions(const at::Tensor& table, std::int64_t side, const std::string& where) {
    const std::int64_t rows = table.size(1), width = table.size(2);
    const auto from = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(rows))));
    if (from * from != rows)
        throw Error(Code::model, where + ": has " + std::to_string(rows) + " rows, which is no square grid");
    const auto image = table.transpose(1, 2).reshape({1, width, from, from});
    return at::upsample_bicubic2d(image, {side, side}, /*align_corners=*/false)
        .flatten(2)
        .transpose(1, 2)
        .contiguous();
}

}  // namespace spectile::networks
