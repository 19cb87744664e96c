#include "kernels/spectral_mamba_cost.hpp"

namespace spectile::kernels {
namespace {

/// Pairs of a position in the patch and a tap that stays in the patch.
double live_taps(const SpectralMambaShape& shape) {
    const int reach = shape.gssm_kernel / 2;
    int along_axis = 0;
    for (int position = 0; position < shape.patch_size; ++position)
        for (int tap = -reach; tap <= reach; ++tap)
            if (position + tap >= 0 && position + tap < shape.patch_size) ++along_axis;
    return static_cast<double>(along_axis) * along_axis;
}

}  // namespace

PixelCost cost_of_pixel(const SpectralMambaShape& s) {
    const double bands = s.bands;
    const double inner = s.inner();
    const double states = s.d_state;
    const double tokens = s.tokens();
    const double positions = static_cast<double>(s.patch_size) * s.patch_size;
    PixelCost cost;
    double products = 0;
    if (s.patch_size > 1 && s.halo_padding) {
        products += bands * (static_cast<double>(s.gssm_kernel) * s.gssm_kernel + bands);
        cost.exponentials += bands;
    } else if (s.patch_size > 1) {
        products += bands * live_taps(s) + positions * bands * (bands + 1);
        cost.exponentials += positions * bands;
    }
    products += tokens * s.d_model * s.piece_len + static_cast<double>(s.d_model) * s.classes;
    products +=
        s.depth * tokens * inner * (2.0 * s.d_model + s.d_conv + 2.0 * s.rank() + 2 * states + s.d_model);
    cost.flop = 2 * products + s.depth * tokens * (6 * inner * states + 3 * inner);
    cost.exponentials += s.depth * tokens * inner * (states + 3);
    return cost;
}

}  // namespace spectile::kernels
