#include "kernels/packed_matrix.hpp"

#include <algorithm>

namespace spectile::kernels {
namespace {

std::vector<const float*> rows_of(const float* source, std::size_t out, std::size_t in) {
    std::vector<const float*> rows(out);
    for (std::size_t o = 0; o < out; ++o) rows[o] = source + o * in;
    return rows;
}

}  // namespace

PackedMatrix::PackedMatrix(const std::vector<const float*>& rows, std::size_t in_features)
    : in(in_features), out(rows.size()) {
    weights.assign(width() * in, 0.0F);
    for (std::size_t o = 0; o < out; ++o) {
        if (rows[o] == nullptr) continue;
        const std::size_t panel_index = o / kPanel;
        const std::size_t panel_width = panel_index < full_panels() ? kPanel : kPanel / 2;
        float* first = weights.data() + panel_index * in * kPanel + o % kPanel;
        for (std::size_t k = 0; k < in; ++k) first[k * panel_width] = rows[o][k];
    }
}

PackedMatrix::PackedMatrix(const float* source, std::size_t out_features, std::size_t in_features)
    : PackedMatrix(rows_of(source, out_features, in_features), in_features) {}

}  // namespace spectile::kernels
