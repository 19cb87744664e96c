#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/spectral_mamba.hpp"
#include "kernels/spectral_mamba_packed.hpp"
#include "kernels/spectral_mamba_scratch.hpp"

namespace spectile::kernels {

/// Everything one dispatched call works on.
struct SpectralMambaCall {
    const PackedSpectralMamba& network;
    const SpectralMambaCut& cut;
    const SpectralMambaScratch& scratch;
    const SpectralMambaTile& tile;
    std::int64_t cube_rows, cube_cols;
    std::int64_t row_begin, row_end;
};

/// Floats added to the scratch so that it can start at a cache line.
inline constexpr std::size_t kScratchAlignment = 16;
inline float* aligned(float* at) {
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    return at + (64 - address % 64) % 64 / sizeof(float);
}

}  // namespace spectile::kernels
