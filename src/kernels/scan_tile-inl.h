// Loads and stores 16 channels x up to 16 tokens of the scan's tensors, channels in the lanes.
// Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_SCAN_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_SCAN_TILE_INL_H_
#undef SPECTILE_KERNELS_SCAN_TILE_INL_H_
#else
#define SPECTILE_KERNELS_SCAN_TILE_INL_H_
#endif

#include <algorithm>
#include <cstring>

#include "hwy/highway.h"
#include "kernels/exp-inl.h"
#include "kernels/scan-inl.h"
#include "kernels/scan_layout.hpp"
#include "kernels/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// Where a tile lies: sample, first channel, first token, and how much of 16 x 16 exists.
struct ScanTile {
    std::size_t sample = 0, channel = 0, token = 0;
    std::size_t channels = 0, tokens = 0;
};

inline std::size_t OffsetOf(const SelectiveScan& scan, const ScanTile& tile) {
    return (tile.sample * static_cast<std::size_t>(scan.channels) + tile.channel) *
               static_cast<std::size_t>(scan.length) +
           tile.token;
}

/// The same where tokens come first, `stride` apart.
inline std::size_t OffsetOf(const SelectiveScan& scan, const ScanTile& tile, std::int64_t stride) {
    return (tile.sample * static_cast<std::size_t>(scan.length) + tile.token) *
               static_cast<std::size_t>(stride) +
           tile.channel;
}

/// rows[token][16] from one of the scan's tensors, whose tokens lie `stride` apart if they come first;
/// missing channels are 0.
HWY_INLINE void LoadTile(const SelectiveScan& scan, const ScanTile& tile, const float* tensor,
                         std::int64_t stride, float* rows) {
    if (tile.channels < kScanGroup) std::memset(rows, 0, kScanRun * kScanGroup * sizeof(float));
    if (!scan.tokens_first)
        return Transpose(tensor + OffsetOf(scan, tile), static_cast<std::size_t>(scan.length), tile.channels,
                         tile.tokens, rows, kScanGroup);
    const float* from = tensor + OffsetOf(scan, tile, stride);
    for (std::size_t t = 0; t < tile.tokens; ++t)
        std::memcpy(rows + t * kScanGroup, from + t * static_cast<std::size_t>(stride),
                    tile.channels * sizeof(float));
}

HWY_INLINE void StoreTile(const SelectiveScan& scan, const ScanTile& tile, const float* rows, float* tensor) {
    if (!scan.tokens_first)
        return Transpose(rows, kScanGroup, tile.tokens, tile.channels, tensor + OffsetOf(scan, tile),
                         static_cast<std::size_t>(scan.length));
    float* to = tensor + OffsetOf(scan, tile, scan.channels);
    for (std::size_t t = 0; t < tile.tokens; ++t)
        std::memcpy(to + t * static_cast<std::size_t>(scan.channels), rows + t * kScanGroup,
                    tile.channels * sizeof(float));
}

/// rows[token][states] of B or C.
HWY_INLINE void LoadStatesTile(const SelectiveScan& scan, std::size_t sample, std::size_t token,
                               std::size_t tokens, const float* tensor, std::int64_t stride, float* rows) {
    const auto states = static_cast<std::size_t>(scan.states);
    const auto length = static_cast<std::size_t>(scan.length);
    if (!scan.tokens_first)
        return Transpose(tensor + sample * states * length + token, length, states, tokens, rows, states);
    for (std::size_t t = 0; t < tokens; ++t)
        std::memcpy(rows + t * states,
                    tensor + (sample * length + token + t) * static_cast<std::size_t>(stride),
                    states * sizeof(float));
}

/// One value per channel of the group, or 0 where `values` is null or the channel is missing.
HWY_INLINE void LoadChannels(const ScanTile& tile, const float* values, float* out) {
    std::fill_n(out, kScanGroup, 0.0F);
    if (values != nullptr) std::copy_n(values + tile.channel, tile.channels, out);
}

/// delta before softplus plus its bias in `raw`, becomes delta in `delta`. Missing channels get 0, so that
/// they contribute nothing to anything.
HWY_INLINE void DeltaOfTile(const SelectiveScan& scan, const ScanTile& tile, const float* bias, float* raw,
                            float* delta) {
    const GroupTag d;
    for (std::size_t lane = 0; lane < kGroup; lane += hn::Lanes(d)) {
        const auto b = hn::LoadU(d, bias + lane);
        for (std::size_t t = 0; t < tile.tokens; ++t) {
            const std::size_t at = t * kGroup + lane;
            const auto x = hn::Add(hn::LoadU(d, raw + at), b);
            hn::StoreU(x, d, raw + at);
            hn::StoreU(scan.delta_softplus ? Softplus(d, x) : x, d, delta + at);
        }
    }
    for (std::size_t t = 0; t < tile.tokens; ++t)
        std::fill(delta + t * kGroup + tile.channels, delta + (t + 1) * kGroup, 0.0F);
}

/// delta * u, and y = D * u to start with.
HWY_INLINE void StartTile(const ScanTile& tile, const float* u, const float* delta, const float* skip,
                          float* delta_u, float* y) {
    const GroupTag d;
    for (std::size_t lane = 0; lane < kGroup; lane += hn::Lanes(d)) {
        const auto s = hn::LoadU(d, skip + lane);
        for (std::size_t t = 0; t < tile.tokens; ++t) {
            const std::size_t at = t * kGroup + lane;
            const auto x = hn::LoadU(d, u + at);
            hn::StoreU(hn::Mul(hn::LoadU(d, delta + at), x), d, delta_u + at);
            hn::StoreU(hn::Mul(s, x), d, y + at);
        }
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
