#pragma once

#include "kernels/device/arithmetic.cuh"
#include "kernels/device/scan_source.cuh"

namespace spectile::kernels::device {

/// Weights of MiM-ISTD's inner SS2D for words of d channels (e = 2d, r = ceil(d / 16)), matrices transposed
/// so that neighbouring threads read neighbouring columns.
///
/// Shapes   norm1: [16*d] each; in_proj: [d, 2e]; conv: [e, 3, 3], conv_bias: [e]; x_proj: [e, 4*(r+32)];
///          dt_weight: [4, e, r]; dt_bias, D: [4*e]; A: [4*e, 16]; norm: [e] each; out_proj: [e, d].
struct InnerSs2dWeights {
    const float *norm1_weight, *norm1_bias;
    const float* in_proj;
    const float *conv, *conv_bias;
    const float* x_proj;
    const float *dt_weight, *dt_bias;
    const float *A, *D;
    const float *norm_weight, *norm_bias;
    const float* out_proj;
};

/// w + SS2D(LayerNorm(w)) for the 4 x 4 words of each sentence, all in shared memory: word tokens are read
/// once and written once, nothing else is. A sentence has 4*e threads: one per direction and channel in the
/// scans.
///
/// Shapes   words, out: [sentences, 16, d]; they may be the same array.
/// Layout   official: SS2D reads the (d, 16) transpose as 16 positions of d values, as the published weights
///          want it; else positions are words.
/// Source   models/mim-istd.md 3.3 (steps 1 and 2), 3.4, 4.1; eps 1e-5.
template <int kWidth>
struct InnerSs2d {
    static constexpr int kSide = 4;
    static constexpr int kPositions = kSide * kSide;
    static constexpr int kInner = 2 * kWidth;
    static constexpr int kRank = (kWidth + 15) / 16;
    static constexpr int kColumns = kRank + 2 * kStates;
    static constexpr int kTeam = 4 * kInner;  ///< Threads of a sentence.
    static constexpr int kSentences = kTeam < 128 ? 2 : 1;
    static constexpr int kThreads = kTeam * kSentences;
    static constexpr int kBlocks = 2;
    /// What a sentence needs.
    struct Sentence {
        Fixed<float, kPositions * kWidth> words;
        Fixed<float, kPositions * 2 * kInner> xz;           // [position][x, z]
        Fixed<float, kPositions * kInner> x;                // after convolution; later the sum of the scans
        Fixed<float, kPositions * 4 * kColumns> projected;  // [position][direction][dt, B, C]
        Fixed<float, 4 * kPositions * kInner> y;            // [direction][position][channel]
        Fixed<float, kPositions> sum, square;
    };
    struct Shared {
        Fixed<Sentence, kSentences> of;
    };

    const float* words;
    std::int64_t sentences;
    bool official;
    InnerSs2dWeights weights;
    float* out;

    std::int64_t blocks() const { return blocks_for(sentences, kSentences); }

    /// Sums one value per position in the positions' order.
    SPECTILE_BODY static float total(const Fixed<float, kPositions>& parts) {
        float sum = 0.0F;
        for (int p = 0; p < kPositions; ++p) sum += parts[p];
        return sum;
    }

    SPECTILE_BODY void load(Sentence& own, std::int64_t sentence, int lane) const {
        for (int i = lane; i < kPositions * kWidth; i += kTeam)
            own.words[i] = words[sentence * kPositions * kWidth + i];
    }

    SPECTILE_BODY static void add_up(Sentence& own, int lane) {
        for (int p = lane; p < kPositions; p += kTeam) {
            float sum = 0.0F;
            for (int c = 0; c < kWidth; ++c) sum += own.words[p * kWidth + c];
            own.sum[p] = sum;
        }
    }

    SPECTILE_BODY static void add_squares(Sentence& own, int lane) {
        const float mean = total(own.sum) / (kPositions * kWidth);
        for (int p = lane; p < kPositions; p += kTeam) {
            float square = 0.0F;
            for (int c = 0; c < kWidth; ++c) {
                const float off = own.words[p * kWidth + c] - mean;
                square = fused(off, off, square);
            }
            own.square[p] = square;
        }
    }

    /// Value j of position p as SS2D sees the normed words.
    SPECTILE_BODY float seen(const Sentence& own, float mean, float scale, int p, int j) const {
        const int flat = p * kWidth + j;
        const int from = official ? flat % kPositions * kWidth + flat / kPositions : flat;
        return fused((own.words[from] - mean) * scale, weights.norm1_weight[from], weights.norm1_bias[from]);
    }

    SPECTILE_BODY void project_in(Sentence& own, int lane) const {
        const float mean = total(own.sum) / (kPositions * kWidth);
        const float scale = 1.0F / sqrtf(total(own.square) / (kPositions * kWidth) + 1e-5F);
        for (int i = lane; i < kPositions * 2 * kInner; i += kTeam) {
            float sum = 0.0F;
            for (int j = 0; j < kWidth; ++j)
                sum = fused(seen(own, mean, scale, i / (2 * kInner), j),
                            weights.in_proj[j * 2 * kInner + i % (2 * kInner)], sum);
            own.xz[i] = sum;
        }
    }

    SPECTILE_BODY void convolve(Sentence& own, int lane) const {
        for (int i = lane; i < kPositions * kInner; i += kTeam) {
            const int p = i / kInner;
            const int c = i % kInner;
            float sum = weights.conv_bias[c];
            for (int tap = 0; tap < 9; ++tap) {
                const int row = p / kSide + tap / 3 - 1;
                const int col = p % kSide + tap % 3 - 1;
                if (row < 0 || row >= kSide || col < 0 || col >= kSide) continue;
                sum = fused(own.xz[(row * kSide + col) * 2 * kInner + c], weights.conv[c * 9 + tap], sum);
            }
            own.x[i] = silu(sum);
        }
    }

    SPECTILE_BODY void project_scans(Sentence& own, int lane) const {
        for (int i = lane; i < kPositions * 4 * kColumns; i += kTeam) {
            float sum = 0.0F;
            for (int c = 0; c < kInner; ++c)
                sum = fused(own.x[i / (4 * kColumns) * kInner + c],
                            weights.x_proj[c * 4 * kColumns + i % (4 * kColumns)], sum);
            own.projected[i] = sum;
        }
    }

    /// One direction of one channel, states in registers.
    SPECTILE_BODY void scan(Sentence& own, int lane) const {
        const int direction = lane / kInner;
        const int c = lane % kInner;
        float rates[kStates], h[kStates] = {};
        SPECTILE_UNROLL
        for (int n = 0; n < kStates; ++n) rates[n] = weights.A[lane * kStates + n] * kLog2E;
        const float bias = weights.dt_bias[lane];
        const float skip = weights.D[lane];
        SPECTILE_KEEP_LOOP
        for (int t = 0; t < kPositions; ++t) {
            const int step = direction >= 2 ? kPositions - 1 - t : t;
            const int p = direction % 2 == 0 ? step : step % kSide * kSide + step / kSide;
            const int at = (p * 4 + direction) * kColumns;
            float raw = 0.0F;
            for (int i = 0; i < kRank; ++i)
                raw = fused(weights.dt_weight[lane * kRank + i], own.projected[at + i], raw);
            const float delta = softplus(raw + bias);
            const float u = own.x[p * kInner + c];
            float y = skip * u;
            SPECTILE_UNROLL
            for (int n = 0; n < kStates; ++n) {
                h[n] = fused(exp2f(delta * rates[n]), h[n], delta * u * own.projected[at + kRank + n]);
                y = fused(h[n], own.projected[at + kRank + kStates + n], y);
            }
            own.y[(direction * kPositions + p) * kInner + c] = y;
        }
    }

    /// The directions added in the order 0, 2, 1, 3, and what LayerNorm needs of each position.
    SPECTILE_BODY static void merge(Sentence& own, int lane) {
        constexpr int kPlane = kPositions * kInner;
        for (int i = lane; i < kPlane; i += kTeam)
            own.x[i] = ((own.y[i] + own.y[2 * kPlane + i]) + own.y[kPlane + i]) + own.y[3 * kPlane + i];
    }

    SPECTILE_BODY static void measure(Sentence& own, int lane) {
        for (int p = lane; p < kPositions; p += kTeam) {
            float sum = 0.0F, square = 0.0F;
            for (int c = 0; c < kInner; ++c) sum += own.x[p * kInner + c];
            const float mean = sum / kInner;
            for (int c = 0; c < kInner; ++c) {
                const float off = own.x[p * kInner + c] - mean;
                square = fused(off, off, square);
            }
            own.sum[p] = mean;
            own.square[p] = 1.0F / sqrtf(square / kInner + 1e-5F);
        }
    }

    SPECTILE_BODY void gate(Sentence& own, int lane) const {
        for (int i = lane; i < kPositions * kInner; i += kTeam) {
            const int p = i / kInner;
            const int c = i % kInner;
            const float normed =
                fused((own.x[i] - own.sum[p]) * own.square[p], weights.norm_weight[c], weights.norm_bias[c]);
            own.x[i] = normed * silu(own.xz[p * 2 * kInner + kInner + c]);
        }
    }

    SPECTILE_BODY void project_out(const Sentence& own, std::int64_t sentence, int lane) const {
        for (int i = lane; i < kPositions * kWidth; i += kTeam) {
            float sum = 0.0F;
            for (int c = 0; c < kInner; ++c)
                sum = fused(own.x[i / kWidth * kInner + c], weights.out_proj[c * kWidth + i % kWidth], sum);
            out[sentence * kPositions * kWidth + i] = own.words[i] + sum;
        }
    }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        // Each step for the threads of sentences that exist; the others only wait.
        const auto step = [&](auto body) {
            block.phase([&](int thread) {
                const std::int64_t sentence = block.index() * kSentences + thread / kTeam;
                if (sentence < sentences) body(block.shared.of[thread / kTeam], sentence, thread % kTeam);
            });
        };
        step([&](Sentence& own, std::int64_t sentence, int lane) { load(own, sentence, lane); });
        step([&](Sentence& own, std::int64_t, int lane) { add_up(own, lane); });
        step([&](Sentence& own, std::int64_t, int lane) { add_squares(own, lane); });
        step([&](Sentence& own, std::int64_t, int lane) { project_in(own, lane); });
        step([&](Sentence& own, std::int64_t, int lane) { convolve(own, lane); });
        step([&](Sentence& own, std::int64_t, int lane) { project_scans(own, lane); });
        step([&](Sentence& own, std::int64_t, int lane) { scan(own, lane); });
        step([&](Sentence& own, std::int64_t, int lane) { merge(own, lane); });
        step([&](Sentence& own, std::int64_t, int lane) { measure(own, lane); });
        step([&](Sentence& own, std::int64_t, int lane) { gate(own, lane); });
        step([&](Sentence& own, std::int64_t sentence, int lane) { project_out(own, sentence, lane); });
    }
};

}  // namespace spectile::kernels::device
