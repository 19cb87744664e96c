#include "kernels/selective_scan.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/selective_scan_backward.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/scan_backward_memory.hpp"
#include "kernels/scan_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

constexpr std::size_t kTileFloats = kScanRun * kScanGroup;

struct BackwardTile {
    HWY_ALIGN float u[kTileFloats];
    HWY_ALIGN float raw[kTileFloats];
    HWY_ALIGN float delta[kTileFloats];
    HWY_ALIGN float delta_u[kTileFloats];
    HWY_ALIGN float y[kTileFloats];
    HWY_ALIGN float z[kTileFloats];
    HWY_ALIGN float grad[kTileFloats];  ///< of y before the gate
    HWY_ALIGN float d_u[kTileFloats];
    HWY_ALIGN float d_delta[kTileFloats];
    HWY_ALIGN float d_z[kTileFloats];
    HWY_ALIGN float bias[kScanGroup];
    HWY_ALIGN float skip[kScanGroup];
};

HWY_INLINE void LoadInputs(const SelectiveScan& scan, const ScanTile& tile, BackwardTile& rows) {
    LoadChannels(tile, scan.delta_bias, rows.bias);
    LoadChannels(tile, scan.D, rows.skip);
    LoadTile(scan, tile, scan.u, scan.u_stride, rows.u);
    LoadTile(scan, tile, scan.delta, scan.delta_stride, rows.raw);
    DeltaOfTile(scan, tile, rows.bias, rows.raw, rows.delta);
    StartTile(tile, rows.u, rows.delta, rows.skip, rows.delta_u, rows.y);
}

/// The states at the start of every run, by the forward recurrence.
void StoreCheckpoints(const SelectiveScan& scan, const ScanCoefficients& a, std::size_t sample,
                      ScanBackwardMemory& memory) {
    const auto channels = static_cast<std::size_t>(scan.channels);
    const auto length = static_cast<std::size_t>(scan.length);
    const auto states = static_cast<std::size_t>(scan.states);
    BackwardTile rows;
    std::fill(memory.h.begin(), memory.h.end(), 0.0F);
    for (std::size_t token = 0; token < length; token += kScanRun) {
        const std::size_t tokens = std::min(kScanRun, length - token);
        std::copy(memory.h.begin(), memory.h.end(), memory.checkpoint(token));
        LoadStatesTile(scan, sample, token, tokens, scan.B, scan.B_stride, memory.b.data());
        LoadStatesTile(scan, sample, token, tokens, scan.C, scan.C_stride, memory.c.data());
        for (std::size_t group = 0; group < a.groups; ++group) {
            const std::size_t channel = group * kGroup;
            const ScanTile tile{sample, channel, token, std::min(kGroup, channels - channel), tokens};
            LoadInputs(scan, tile, rows);
            Scan({tokens, states, rows.delta, rows.delta_u, rows.y, kGroup, memory.b.data(), memory.c.data(),
                  states, a.a2.data() + group * states * kGroup, a.a2_largest.data() + channel,
                  memory.h.data() + group * states * kGroup});
        }
    }
}

/// Runs a tile forward once more, keeping every state and decay; y is completed on the way.
template <class D>
HWY_INLINE void Recompute(D d, const ScanTile& tile, std::size_t states, std::size_t lane, const float* a2,
                          const float* start, BackwardTile& rows, ScanBackwardMemory& memory) {
    for (std::size_t n = 0; n < states; ++n) {
        auto h = hn::LoadU(d, start + n * kGroup + lane);
        const auto rate = hn::LoadU(d, a2 + n * kGroup + lane);
        hn::StoreU(h, d, memory.state(0, n) + lane);
        for (std::size_t t = 0; t < tile.tokens; ++t) {
            const std::size_t at = t * kGroup + lane;
            const auto decay = Exp2(d, hn::Mul(hn::LoadU(d, rows.delta + at), rate));
            const auto input = hn::Mul(hn::LoadU(d, rows.delta_u + at), hn::Set(d, memory.b[t * states + n]));
            h = hn::MulAdd(decay, h, input);
            hn::StoreU(decay, d, memory.decay(t, n) + lane);
            hn::StoreU(h, d, memory.state(t + 1, n) + lane);
            hn::StoreU(hn::MulAdd(h, hn::Set(d, memory.c[t * states + n]), hn::LoadU(d, rows.y + at)), d,
                       rows.y + at);
        }
    }
}

/// Gradient of y before the gate, and of z. d silu(z) = s (1 + z (1 - s)) with s = sigmoid(z).
HWY_INLINE void GateGradient(const SelectiveScan& scan, const ScanTile& tile, const float* grad_y,
                             bool want_d_z, BackwardTile& rows) {
    const GroupTag d;
    LoadTile(scan, tile, grad_y, scan.channels, rows.grad);
    if (scan.z == nullptr) return;
    LoadTile(scan, tile, scan.z, scan.z_stride, rows.z);
    const auto one = hn::Set(d, 1.0F);
    for (std::size_t at = 0; at < tile.tokens * kGroup; at += hn::Lanes(d)) {
        const auto z = hn::LoadU(d, rows.z + at);
        const auto grad = hn::LoadU(d, rows.grad + at);
        const auto s = Sigmoid(d, z);
        if (want_d_z) {
            const auto slope = hn::Mul(s, hn::MulAdd(z, hn::Sub(one, s), one));
            hn::StoreU(hn::Mul(hn::Mul(grad, hn::LoadU(d, rows.y + at)), slope), d, rows.d_z + at);
        }
        hn::StoreU(hn::Mul(grad, hn::Mul(z, s)), d, rows.grad + at);
    }
}

/// The adjoint recurrence over a tile, last token first (specification section 7). B's and C's gradients are
/// summed per lane over the groups; the lanes are added up when all groups are done.
template <class D>
HWY_INLINE void Adjoint(D d, const SelectiveScan& scan, const ScanTile& tile, std::size_t lane,
                        const float* a, float* carry, float* d_a, BackwardTile& rows,
                        ScanBackwardMemory& memory) {
    const auto states = static_cast<std::size_t>(scan.states);
    for (std::size_t t = tile.tokens; t-- > 0;) {
        const std::size_t at = t * kGroup + lane;
        const auto grad = hn::LoadU(d, rows.grad + at);
        const auto u = hn::LoadU(d, rows.u + at);
        const auto delta = hn::LoadU(d, rows.delta + at);
        const auto delta_u = hn::LoadU(d, rows.delta_u + at);
        auto sum_gb = hn::Zero(d);
        auto sum_rate = hn::Zero(d);
        for (std::size_t n = 0; n < states; ++n) {
            const auto c = hn::Set(d, memory.c[t * states + n]);
            const auto decay = hn::LoadU(d, memory.decay(t, n) + lane);
            const auto g = hn::MulAdd(c, grad, hn::LoadU(d, carry + n * kGroup + lane));
            const auto g_decay = hn::Mul(g, decay);
            const auto g_rate = hn::Mul(g_decay, hn::LoadU(d, memory.state(t, n) + lane));
            float* d_b = memory.d_b(t, n) + lane;
            float* d_c = memory.d_c(t, n) + lane;
            float* d_rate = d_a + n * kGroup + lane;
            hn::StoreU(hn::MulAdd(g, delta_u, hn::LoadU(d, d_b)), d, d_b);
            hn::StoreU(hn::MulAdd(grad, hn::LoadU(d, memory.state(t + 1, n) + lane), hn::LoadU(d, d_c)), d,
                       d_c);
            hn::StoreU(hn::MulAdd(g_rate, delta, hn::LoadU(d, d_rate)), d, d_rate);
            hn::StoreU(g_decay, d, carry + n * kGroup + lane);
            sum_gb = hn::MulAdd(g, hn::Set(d, memory.b[t * states + n]), sum_gb);
            sum_rate = hn::MulAdd(g_rate, hn::LoadU(d, a + n * kGroup + lane), sum_rate);
        }
        auto d_delta = hn::MulAdd(sum_gb, u, sum_rate);
        if (scan.delta_softplus) d_delta = hn::Mul(d_delta, Sigmoid(d, hn::LoadU(d, rows.raw + at)));
        hn::StoreU(d_delta, d, rows.d_delta + at);
        hn::StoreU(hn::MulAdd(delta, sum_gb, hn::Mul(hn::LoadU(d, rows.skip + lane), grad)), d,
                   rows.d_u + at);
    }
}

HWY_INLINE void AddChannelSums(const ScanTile& tile, const BackwardTile& rows, float* d_skip, float* d_bias) {
    for (std::size_t t = tile.tokens; t-- > 0;)
        for (std::size_t lane = 0; lane < kGroup; ++lane) {
            const std::size_t at = t * kGroup + lane;
            d_skip[lane] += rows.grad[at] * rows.u[at];
            d_bias[lane] += rows.d_delta[at];
        }
}

HWY_INLINE void BackwardTileOf(const SelectiveScan& scan, const ScanCoefficients& a, const ScanTile& tile,
                               const float* grad_y, const SelectiveScanGradients& out,
                               ScanBackwardMemory& memory) {
    const GroupTag d;
    const auto states = static_cast<std::size_t>(scan.states);
    const std::size_t first = tile.channel * states;
    BackwardTile rows;
    LoadInputs(scan, tile, rows);
    for (std::size_t lane = 0; lane < kGroup; lane += hn::Lanes(d))
        Recompute(d, tile, states, lane, a.a2.data() + first, memory.checkpoint(tile.token) + first, rows,
                  memory);
    GateGradient(scan, tile, grad_y, out.d_z != nullptr, rows);
    for (std::size_t lane = 0; lane < kGroup; lane += hn::Lanes(d))
        Adjoint(d, scan, tile, lane, a.a.data() + first, memory.carry.data() + first,
                memory.d_a.data() + first, rows, memory);
    AddChannelSums(tile, rows, memory.d_skip.data() + tile.channel, memory.d_bias.data() + tile.channel);
    if (out.d_u != nullptr) StoreTile(scan, tile, rows.d_u, out.d_u);
    if (out.d_delta != nullptr) StoreTile(scan, tile, rows.d_delta, out.d_delta);
    if (out.d_z != nullptr && scan.z != nullptr) StoreTile(scan, tile, rows.d_z, out.d_z);
}

/// One sample's run of tokens: every group of channels, then the lane sums of dB and dC.
void BackwardRun(const SelectiveScan& scan, const ScanCoefficients& a, std::size_t sample, std::size_t token,
                 const float* grad_y, const SelectiveScanGradients& out, ScanBackwardMemory& memory) {
    const auto channels = static_cast<std::size_t>(scan.channels);
    const auto length = static_cast<std::size_t>(scan.length);
    const auto states = static_cast<std::size_t>(scan.states);
    const std::size_t tokens = std::min(kScanRun, length - token);
    LoadStatesTile(scan, sample, token, tokens, scan.B, scan.B_stride, memory.b.data());
    LoadStatesTile(scan, sample, token, tokens, scan.C, scan.C_stride, memory.c.data());
    memory.clear_state_gradients();
    for (std::size_t group = 0; group < a.groups; ++group) {
        const std::size_t channel = group * kGroup;
        BackwardTileOf(scan, a, {sample, channel, token, std::min(kGroup, channels - channel), tokens},
                       grad_y, out, memory);
    }
    for (std::size_t n = 0; n < states; ++n)
        for (std::size_t t = 0; t < tokens; ++t) {
            const std::size_t at = scan.tokens_first ? (sample * length + token + t) * states + n
                                                     : (sample * states + n) * length + token + t;
            if (out.d_B != nullptr) out.d_B[at] = ScanBackwardMemory::lane_sum(memory.d_b(t, n));
            if (out.d_C != nullptr) out.d_C[at] = ScanBackwardMemory::lane_sum(memory.d_c(t, n));
        }
}

void BackwardSample(const SelectiveScan& scan, const ScanCoefficients& a, std::size_t sample,
                    const float* grad_y, const SelectiveScanGradients& out, ScanBackwardMemory& memory) {
    const auto length = static_cast<std::size_t>(scan.length);
    memory.clear_sample();
    StoreCheckpoints(scan, a, sample, memory);
    for (std::size_t run = (length + kScanRun - 1) / kScanRun; run-- > 0;)
        BackwardRun(scan, a, sample, run * kScanRun, grad_y, out, memory);
    memory.store_sample(scan, sample, out);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(BackwardSample);

void selective_scan_backward(const SelectiveScan& scan, const float* grad_y,
                             const SelectiveScanGradients& gradients, std::int64_t batch_begin,
                             std::int64_t batch_end) {
    const ScanCoefficients a(scan.A, static_cast<std::size_t>(scan.channels),
                             static_cast<std::size_t>(scan.states));
    ScanBackwardMemory memory(scan, a.groups);
    for (std::int64_t sample = batch_begin; sample < batch_end; ++sample) HWY_DYNAMIC_DISPATCH(BackwardSample)
    (scan, a, static_cast<std::size_t>(sample), grad_y, gradients, memory);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
