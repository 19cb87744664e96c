#include "kernels/transpose_samples.hpp"

#include <cstdint>
#include <cstring>

#include "hwy/highway.h"

// Eight samples of two bytes fill the vectors that every machine has, and the loop waits for memory: one
// level of instructions is enough.
HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
void MoveOne(const unsigned char* from, unsigned char* to) {
    std::memcpy(to, from, sizeof(T));
}

/// to[c][r] = from[r][c] for r, c below the number of T in 16 bytes; steps in bytes.
template <typename T>
HWY_INLINE void TransposeSquare(const unsigned char* from, std::size_t from_step, unsigned char* to,
                                std::size_t to_step) {
#if HWY_TARGET == HWY_SCALAR
    constexpr std::size_t kSide = 16 / sizeof(T);
    for (std::size_t r = 0; r < kSide; ++r)
        for (std::size_t c = 0; c < kSide; ++c)
            MoveOne<T>(from + r * from_step + c * sizeof(T), to + c * to_step + r * sizeof(T));
#else
    constexpr std::size_t kSide = 16 / sizeof(T);
    const hn::FixedTag<std::uint8_t, 16> bytes;
    const hn::FixedTag<T, kSide> d;
    using V = hn::Vec<decltype(d)>;
    V rows[kSide], next[kSide];
    for (std::size_t r = 0; r < kSide; ++r) rows[r] = hn::BitCast(d, hn::LoadU(bytes, from + r * from_step));
    // Each round takes row r and the one half a square below apart and together again: after log2(side) of
    // them rows are columns.
    for (std::size_t round = 1; round < kSide; round *= 2) {
        for (std::size_t r = 0; r < kSide / 2; ++r) {
            next[2 * r] = hn::InterleaveLower(d, rows[r], rows[r + kSide / 2]);
            next[2 * r + 1] = hn::InterleaveUpper(d, rows[r], rows[r + kSide / 2]);
        }
        for (std::size_t r = 0; r < kSide; ++r) rows[r] = next[r];
    }
    for (std::size_t r = 0; r < kSide; ++r) hn::StoreU(hn::BitCast(bytes, rows[r]), bytes, to + r * to_step);
#endif
}

/// What squares leave over, and samples of which two fill a vector or sixteen do.
template <typename T>
void MoveRest(const PixelBlock& from, unsigned char* to, std::size_t to_stride, std::size_t pixels,
              std::size_t samples) {
    const auto* first = static_cast<const unsigned char*>(from.first);
    for (std::size_t p = 0; p < from.pixels; ++p)
        for (std::size_t s = p < pixels ? samples : 0; s < from.samples; ++s)
            MoveOne<T>(first + (p * from.samples + s) * sizeof(T), to + (s * to_stride + p) * sizeof(T));
}

template <typename T>
void TransposeSamples(const PixelBlock& from, unsigned char* to, std::size_t to_stride) {
    constexpr std::size_t kSide = 16 / sizeof(T);
    const auto* first = static_cast<const unsigned char*>(from.first);
    const std::size_t pixels = from.pixels / kSide * kSide, samples = from.samples / kSide * kSide;
    for (std::size_t p = 0; p < pixels; p += kSide)
        for (std::size_t s = 0; s < samples; s += kSide)
            TransposeSquare<T>(first + (p * from.samples + s) * sizeof(T), from.samples * sizeof(T),
                               to + (s * to_stride + p) * sizeof(T), to_stride * sizeof(T));
    MoveRest<T>(from, to, to_stride, pixels, samples);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace spectile::kernels {

void transpose_samples(const PixelBlock& from, void* to, std::size_t to_stride) {
    using namespace HWY_NAMESPACE;
    auto* bytes = static_cast<unsigned char*>(to);
    switch (from.sample_bytes) {
        case 2:
            return TransposeSamples<std::uint16_t>(from, bytes, to_stride);
        case 4:
            return TransposeSamples<std::uint32_t>(from, bytes, to_stride);
        case 8:
            return MoveRest<std::uint64_t>(from, bytes, to_stride, 0, 0);
        default:
            return MoveRest<std::uint8_t>(from, bytes, to_stride, 0, 0);
    }
}

}  // namespace spectile::kernels
