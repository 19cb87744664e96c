#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/scan_layout.hpp"

namespace spectile::kernels {

/// What the backward scan of one sample keeps, channels in groups of 16 side by side.
///
/// Per run of 16 tokens: the states at its start (all runs), and for the run in hand every state, decay and
/// the per-lane gradients of B and C. Summed over the sample: gradients of A, D and the delta bias.
struct ScanBackwardMemory {
    std::size_t states, groups, per_checkpoint;
    std::vector<float> checkpoints, h, b, c, decays, run_states, run_d_b, run_d_c;
    std::vector<float> carry;  ///< a_{t+1} G_{t+1}: [group][state][16]
    std::vector<float> d_a, d_skip, d_bias;

    ScanBackwardMemory(const SelectiveScan& scan, std::size_t group_count)
        : states(static_cast<std::size_t>(scan.states)),
          groups(group_count),
          per_checkpoint(group_count * states * kScanGroup) {
        const std::size_t runs = (static_cast<std::size_t>(scan.length) + kScanRun - 1) / kScanRun;
        checkpoints.resize(runs * per_checkpoint);
        h.resize(per_checkpoint);
        b.resize(kScanRun * states);
        c.resize(kScanRun * states);
        decays.resize(kScanRun * states * kScanGroup);
        run_states.resize((kScanRun + 1) * states * kScanGroup);
        run_d_b.resize(decays.size());
        run_d_c.resize(decays.size());
        carry.resize(per_checkpoint);
        d_a.resize(per_checkpoint);
        d_skip.resize(groups * kScanGroup);
        d_bias.resize(groups * kScanGroup);
    }

    float* checkpoint(std::size_t token) { return checkpoints.data() + token / kScanRun * per_checkpoint; }
    float* decay(std::size_t t, std::size_t n) { return decays.data() + (t * states + n) * kScanGroup; }
    /// State before token t of the run.
    float* state(std::size_t t, std::size_t n) { return run_states.data() + (t * states + n) * kScanGroup; }
    float* d_b(std::size_t t, std::size_t n) { return run_d_b.data() + (t * states + n) * kScanGroup; }
    float* d_c(std::size_t t, std::size_t n) { return run_d_c.data() + (t * states + n) * kScanGroup; }

    static float lane_sum(const float* lanes) {
        float sum = 0;
        for (std::size_t lane = 0; lane < kScanGroup; ++lane) sum += lanes[lane];
        return sum;
    }

    void clear_state_gradients() {
        std::fill(run_d_b.begin(), run_d_b.end(), 0.0F);
        std::fill(run_d_c.begin(), run_d_c.end(), 0.0F);
    }
    void clear_sample() {
        for (auto* sums : {&carry, &d_a, &d_skip, &d_bias}) std::fill(sums->begin(), sums->end(), 0.0F);
    }

    /// Writes this sample's rows of the gradients that have one row per sample.
    void store_sample(const SelectiveScan& scan, std::size_t sample,
                      const SelectiveScanGradients& out) const {
        const auto channels = static_cast<std::size_t>(scan.channels);
        if (out.d_A != nullptr)
            for (std::size_t channel = 0; channel < channels; ++channel)
                for (std::size_t n = 0; n < states; ++n)
                    out.d_A[(sample * channels + channel) * states + n] =
                        d_a[((channel / kScanGroup) * states + n) * kScanGroup + channel % kScanGroup];
        if (out.d_D != nullptr) std::copy_n(d_skip.data(), channels, out.d_D + sample * channels);
        if (out.d_delta_bias != nullptr)
            std::copy_n(d_bias.data(), channels, out.d_delta_bias + sample * channels);
    }
};

}  // namespace spectile::kernels
