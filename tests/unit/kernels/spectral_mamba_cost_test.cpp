#include "kernels/spectral_mamba_cost.hpp"

#include <gtest/gtest.h>

namespace spectile::kernels {
namespace {

SpectralMambaShape shape_of(int bands, int classes) {
    SpectralMambaShape shape;
    shape.bands = bands;
    shape.classes = classes;
    return shape;
}

// The sums of the table in models/spectralmamba.md section 6.2.
TEST(SpectralMambaCost, AgreesWithTheSpecificationsTable) {
    EXPECT_NEAR(cost_of_pixel(shape_of(144, 15)).flop / 1e6, 0.970, 0.0015);
    EXPECT_NEAR(cost_of_pixel(shape_of(144, 15)).exponentials / 1e3, 30.5, 0.06);
    EXPECT_NEAR(cost_of_pixel(shape_of(200, 16)).flop / 1e6, 1.565, 0.001);
    EXPECT_NEAR(cost_of_pixel(shape_of(200, 16)).exponentials / 1e3, 43.1, 0.06);
}

TEST(SpectralMambaCost, HaloAndPixelVariantsAreCheaper) {
    SpectralMambaShape halo = shape_of(200, 16);
    halo.halo_padding = true;
    EXPECT_NEAR(cost_of_pixel(halo).flop / 1e6, 0.906, 0.0015);
    EXPECT_NEAR(cost_of_pixel(halo).exponentials / 1e3, 41.5, 0.06);
    SpectralMambaShape pixel = shape_of(200, 16);
    pixel.patch_size = 1;
    EXPECT_NEAR(cost_of_pixel(pixel).flop / 1e6, 0.821, 0.0015);
    EXPECT_NEAR(cost_of_pixel(pixel).exponentials / 1e3, 41.3, 0.06);
}

}  // namespace
}  // namespace spectile::kernels
