#include "kernels/selective_scan.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/selective_scan.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/scan_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

constexpr std::size_t kTileFloats = kScanRun * kScanGroup;

struct ForwardTile {
    HWY_ALIGN float u[kTileFloats];
    HWY_ALIGN float raw[kTileFloats];
    HWY_ALIGN float delta[kTileFloats];
    HWY_ALIGN float delta_u[kTileFloats];
    HWY_ALIGN float y[kTileFloats];
    HWY_ALIGN float z[kTileFloats];
    HWY_ALIGN float bias[kScanGroup];
    HWY_ALIGN float skip[kScanGroup];
};

HWY_INLINE void GateTile(const ScanTile& tile, const float* z, float* y) {
    const GroupTag d;
    for (std::size_t at = 0; at < tile.tokens * kGroup; at += hn::Lanes(d))
        hn::StoreU(hn::Mul(hn::LoadU(d, y + at), Silu(d, hn::LoadU(d, z + at))), d, y + at);
}

/// One sample: tokens in runs of 16, within a run every group of channels, states waiting in `h` between
/// runs.
void ForwardSample(const SelectiveScan& scan, const ScanCoefficients& a, std::size_t sample, float* y_out,
                   float* last_state, float* h, float* b, float* c) {
    const auto channels = static_cast<std::size_t>(scan.channels);
    const auto length = static_cast<std::size_t>(scan.length);
    const auto states = static_cast<std::size_t>(scan.states);
    ForwardTile rows;
    std::fill_n(h, a.groups * states * kGroup, 0.0F);
    for (std::size_t token = 0; token < length; token += kScanRun) {
        const std::size_t tokens = std::min(kScanRun, length - token);
        LoadStatesTile(scan, sample, token, tokens, scan.B, scan.B_stride, b);
        LoadStatesTile(scan, sample, token, tokens, scan.C, scan.C_stride, c);
        for (std::size_t group = 0; group < a.groups; ++group) {
            const std::size_t channel = group * kGroup;
            const ScanTile tile{sample, channel, token, std::min(kGroup, channels - channel), tokens};
            LoadChannels(tile, scan.delta_bias, rows.bias);
            LoadChannels(tile, scan.D, rows.skip);
            LoadTile(scan, tile, scan.u, scan.u_stride, rows.u);
            LoadTile(scan, tile, scan.delta, scan.delta_stride, rows.raw);
            DeltaOfTile(scan, tile, rows.bias, rows.raw, rows.delta);
            StartTile(tile, rows.u, rows.delta, rows.skip, rows.delta_u, rows.y);
            Scan({tokens, states, rows.delta, rows.delta_u, rows.y, kGroup, b, c, states,
                  a.a2.data() + group * states * kGroup, a.a2_largest.data() + channel,
                  h + group * states * kGroup});
            if (scan.z != nullptr) {
                LoadTile(scan, tile, scan.z, scan.z_stride, rows.z);
                GateTile(tile, rows.z, rows.y);
            }
            StoreTile(scan, tile, rows.y, y_out);
        }
    }
    if (last_state == nullptr) return;
    for (std::size_t channel = 0; channel < channels; ++channel)
        for (std::size_t n = 0; n < states; ++n)
            last_state[(sample * channels + channel) * states + n] =
                h[((channel / kGroup) * states + n) * kGroup + channel % kGroup];
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(ForwardSample);

void selective_scan_forward(const SelectiveScan& scan, float* y, float* last_state, std::int64_t batch_begin,
                            std::int64_t batch_end) {
    const auto states = static_cast<std::size_t>(scan.states);
    const ScanCoefficients a(scan.A, static_cast<std::size_t>(scan.channels), states);
    std::vector<float> h(a.groups * states * kScanGroup);
    std::vector<float> bc(2 * kScanRun * states);
    for (std::int64_t sample = batch_begin; sample < batch_end; ++sample) HWY_DYNAMIC_DISPATCH(ForwardSample)
    (scan, a, static_cast<std::size_t>(sample), y, last_state, h.data(), bc.data(),
     bc.data() + kScanRun * states);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
