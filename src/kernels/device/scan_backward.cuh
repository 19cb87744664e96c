#pragma once

#include "kernels/device/scan_shape.cuh"
#include "kernels/device/scan_source.cuh"

namespace spectile::kernels::device {

/// Where the gradients of sum(y * grad_y) go. Outputs that are null are not written.
///
/// Shapes   u, delta, z: [sample, token, channel], each token where the source's place() says; A: [samples,
///          channels, states]; D, delta_bias: [samples, channels]; b_parts, c_parts: [samples, groups of
///          channels, states, length] in the order of the steps, added up by SumParts or
///          ProjectedGradients.
/// Rows are per sample as on the CPU, for the caller to add in batch order.
struct ScanGradients {
    Output u, delta, z;
    float* A = nullptr;
    float* D = nullptr;
    float* delta_bias = nullptr;
    float* b_parts = nullptr;
    float* c_parts = nullptr;
};

/// The selective scan, backward: tiles from the last to the first, each started from the state that the
/// forward pass stored before it. States are recomputed and never run backwards. One state of all channels at
/// a time, so that a thread holds its eight decays and states in registers; sums over channels and runs are
/// made in a fixed order.
///
/// Source   models/spectralmamba.md 7. `checkpoints` as ScanForward writes them with period Shape::kTile.
template <class Source, class Shape>
struct ScanBackward {
    static constexpr int kThreads = Shape::kThreads;
    static constexpr int kBlocks = Shape::kBackwardBlocks;
    static constexpr bool kCarries = Shape::kSegments > 1;
    static constexpr int kRun = Shape::kRun;
    static constexpr int kQuarters = 4;
    static constexpr int kSums = 2 * Shape::kTile * kQuarters;
    struct Shared {
        typename Shape::Tile u, delta, grad, to_b, to_c;
        Fixed<float, Shape::kTile * kStates> b, c;
        Fixed<float, kSums> quarter;                             // [dB, dC][token][quarter of the channels]
        Fixed<float, kThreads> state, adjoint, delta_sum, to_a;  // [segment][channel], of the state in hand
        Fixed<float, kThreads> to_skip, to_bias;                 // [segment][channel]
        Fixed<float, kStates * Shape::kChannels> adjoint_end, d_a;  // [state][channel], over the tiles
    };
    /// What a thread keeps of its run while the states pass by.
    struct Run {
        float decay[kRun];
        float y[kRun], input[kRun], rate[kRun];
    };
    /// Sums of a thread over its tiles.
    struct Sums {
        float skip, bias;
    };

    Source source;
    Input grad_y;
    const float* checkpoints;
    ScanGradients out;

    std::int64_t groups() const { return blocks_for(source.sizes.channels, Shape::kChannels); }
    std::int64_t blocks() const { return source.sizes.samples * groups(); }

    struct Place {
        std::int64_t sample, group, first_token;
    };
    SPECTILE_BODY std::int64_t channel_at(const Place& at, int channel) const {
        return at.group * Shape::kChannels + channel;
    }
    SPECTILE_BODY bool inside(const Place& at, int token, int channel) const {
        return at.first_token + token < source.sizes.length &&
               channel_at(at, channel) < source.sizes.channels;
    }
    SPECTILE_BODY float rate_of(const Place& at, int channel, int n) const {
        const std::int64_t c = channel_at(at, channel);
        return c < source.sizes.channels && n < source.sizes.states ? source.rate(at.sample, c, n) : 0.0F;
    }

    SPECTILE_BODY float grad_at(const Place& at, std::int64_t t, std::int64_t c) const {
        return grad_y.at(source.image(at.sample), source.place(at.sample, t), c);
    }

    SPECTILE_BODY void load(Shared& shared, const Place& at, int thread) const {
        Shape::visit_tile(thread, source.tokens_are_neighbours(), [&](int token, int channel) {
            const std::int64_t t = at.first_token + token;
            const std::int64_t c = channel_at(at, channel);
            const int to = Shape::pitched(token, channel);
            const bool here = inside(at, token, channel);
            shared.u[to] = here ? source.input(at.sample, t, c) : 0.0F;
            shared.delta[to] = here ? source.step(at.sample, t, c) : 0.0F;
            float grad = here ? grad_at(at, t, c) : 0.0F;
            if (here && source.gated()) grad *= silu(source.gate(at.sample, t, c));
            shared.grad[to] = grad;
        });
        for (int i = thread; i < Shape::kTile * kStates; i += kThreads) {
            const std::int64_t t = at.first_token + i / kStates;
            const bool here = t < source.sizes.length && i % kStates < source.sizes.states;
            shared.b[i] = here ? source.b(at.sample, t, i % kStates) : 0.0F;
            shared.c[i] = here ? source.c(at.sample, t, i % kStates) : 0.0F;
        }
    }

    SPECTILE_BODY float checkpoint(const Place& at, int channel, int n) const {
        const std::int64_t c = channel_at(at, channel);
        if (c >= source.sizes.channels) return 0.0F;
        const std::int64_t tile =
            at.sample * blocks_for(source.sizes.length, Shape::kTile) + at.first_token / Shape::kTile;
        return checkpoints[(tile * kStates + n) * source.sizes.channels + c];
    }

    /// The decays of a run; with several segments also what it adds to a state and to an adjoint of zero.
    SPECTILE_BODY void start_run(Shared& shared, const Place& at, int n, Run& run, int thread) const {
        const int channel = Shape::channel_of(thread);
        const int first = Shape::first_token_of(thread);
        const float rate2 = rate_of(at, channel, n) * kLog2E;
        float h = 0.0F, sum = 0.0F, adjoint = 0.0F;
        SPECTILE_UNROLL
        for (int i = 0; i < kRun; ++i) {
            const int from = Shape::pitched(first + i, channel);
            const float delta = shared.delta[from];
            run.decay[i] = exp2f(delta * rate2);
            if constexpr (kCarries) {
                h = fused(run.decay[i], h, delta * shared.u[from] * shared.b[(first + i) * kStates + n]);
                sum += delta;
            }
        }
        if constexpr (kCarries) {
            SPECTILE_UNROLL
            for (int i = kRun - 1; i >= 0; --i)
                adjoint = fused(shared.c[(first + i) * kStates + n],
                                shared.grad[Shape::pitched(first + i, channel)], adjoint) *
                          run.decay[i];
            shared.state[thread] = h;
            shared.adjoint[thread] = adjoint;
            shared.delta_sum[thread] = sum;
        }
    }

    /// The state before each run and the adjoint after it, in place of what the runs add.
    SPECTILE_BODY void carry(Shared& shared, const Place& at, int n, int thread) const {
        const int channel = thread % Shape::kChannels;
        const int row = n * Shape::kChannels + channel;
        const float rate2 = rate_of(at, channel, n) * kLog2E;
        const auto through = [&](Fixed<float, kThreads>& values) {
            return [&values, &shared, channel, rate2](int segment, float start) {
                const int from = segment * Shape::kChannels + channel;
                const float end = fused(exp2f(shared.delta_sum[from] * rate2), start, values[from]);
                values[from] = start;
                return end;
            };
        };
        if (thread < Shape::kChannels)
            carry_forward(Shape::kSegments, checkpoint(at, channel, n), through(shared.state));
        else if (thread < 2 * Shape::kChannels)
            shared.adjoint_end[row] =
                carry_backward(Shape::kSegments, shared.adjoint_end[row], through(shared.adjoint));
    }

    /// One state over one run, forward and then backward. Adds to the run's sums over the states, and leaves
    /// each token's share of dB and dC for the sum over channels.
    SPECTILE_BODY void pass(Shared& shared, const Place& at, int n, Run& run, int thread) const {
        const int channel = Shape::channel_of(thread);
        const int first = Shape::first_token_of(thread);
        const int row = n * Shape::kChannels + channel;
        const float rate = rate_of(at, channel, n);
        float before[kRun];
        float h = kCarries ? shared.state[thread] : checkpoint(at, channel, n);
        SPECTILE_UNROLL
        for (int i = 0; i < kRun; ++i) {
            const int from = Shape::pitched(first + i, channel);
            before[i] = h;
            h = fused(run.decay[i], h,
                      shared.delta[from] * shared.u[from] * shared.b[(first + i) * kStates + n]);
            run.y[i] = fused(h, shared.c[(first + i) * kStates + n], run.y[i]);
            shared.to_c[from] = shared.grad[from] * h;
        }
        float adjoint = kCarries ? shared.adjoint[thread] : shared.adjoint_end[row];
        float d_a = 0.0F;
        SPECTILE_UNROLL
        for (int i = kRun - 1; i >= 0; --i) {
            const int from = Shape::pitched(first + i, channel);
            const float delta = shared.delta[from];
            const float g = fused(shared.c[(first + i) * kStates + n], shared.grad[from], adjoint);
            adjoint = g * run.decay[i];
            const float g_rate = adjoint * before[i];
            shared.to_b[from] = g * (delta * shared.u[from]);
            d_a = fused(g_rate, delta, d_a);
            run.input[i] = fused(g, shared.b[(first + i) * kStates + n], run.input[i]);
            run.rate[i] = fused(g_rate, rate, run.rate[i]);
        }
        shared.to_a[thread] = d_a;
        if constexpr (!kCarries) shared.adjoint_end[row] = adjoint;
    }

    /// A quarter of the channels of one token's dB or dC; dA over the runs.
    SPECTILE_BODY void sum_quarters(Shared& shared, int n, int thread) const {
        constexpr int kPart = Shape::kChannels / kQuarters;
        for (int i = thread; i < kSums; i += kThreads) {
            const auto& tile = i < kSums / 2 ? shared.to_b : shared.to_c;
            const int token = i / kQuarters % Shape::kTile;
            float sum = 0.0F;
            for (int c = 0; c < kPart; ++c) sum += tile[Shape::pitched(token, i % kQuarters * kPart + c)];
            shared.quarter[i] = sum;
        }
        if (thread >= Shape::kChannels) return;
        float sum = 0.0F;
        for (int segment = Shape::kSegments - 1; segment >= 0; --segment)
            sum += shared.to_a[segment * Shape::kChannels + thread];
        shared.d_a[n * Shape::kChannels + thread] += sum;
    }

    SPECTILE_BODY void store_parts(const Shared& shared, const Place& at, int n, int thread) const {
        const std::int64_t row =
            ((at.sample * blocks_for(source.sizes.channels, Shape::kChannels) + at.group) *
                 source.sizes.states +
             n) *
            source.sizes.length;
        for (int i = thread; i < kSums / kQuarters; i += kThreads) {
            const std::int64_t t = at.first_token + i % Shape::kTile;
            float* parts = i < Shape::kTile ? out.b_parts : out.c_parts;
            if (t >= source.sizes.length || parts == nullptr) continue;
            const int first = i * kQuarters;
            parts[row + t] = (shared.quarter[first] + shared.quarter[first + 1]) +
                             (shared.quarter[first + 2] + shared.quarter[first + 3]);
        }
    }

    /// The run's gradients take the place of its inputs: u of u, delta of delta, y (before the gate) of grad.
    SPECTILE_BODY void finish_run(Shared& shared, const Place& at, const Run& run, Sums& sums,
                                  int thread) const {
        const int channel = Shape::channel_of(thread);
        const std::int64_t c = channel_at(at, channel);
        const float skip = c < source.sizes.channels ? source.skip(at.sample, c) : 0.0F;
        SPECTILE_UNROLL
        for (int i = kRun - 1; i >= 0; --i) {
            const int from = Shape::pitched(Shape::first_token_of(thread) + i, channel);
            const float u = shared.u[from], delta = shared.delta[from], grad = shared.grad[from];
            float d_delta = fused(run.input[i], u, run.rate[i]);
            if (source.delta_softplus) d_delta *= softplus_slope(delta);
            sums.skip = fused(grad, u, sums.skip);
            sums.bias += d_delta;
            shared.u[from] = fused(delta, run.input[i], skip * grad);
            shared.delta[from] = d_delta;
            shared.grad[from] = fused(skip, u, run.y[i]);
        }
    }

    SPECTILE_BODY void store(const Shared& shared, const Place& at, int thread) const {
        Shape::visit_tile(thread, source.tokens_are_neighbours(), [&](int token, int channel) {
            if (!inside(at, token, channel)) return;
            const std::int64_t t = at.first_token + token, place = source.place(at.sample, t);
            const std::int64_t c = channel_at(at, channel);
            const int from = Shape::pitched(token, channel);
            if (out.u.data != nullptr) out.u.at(at.sample, place, c) = shared.u[from];
            if (out.delta.data != nullptr) out.delta.at(at.sample, place, c) = shared.delta[from];
            if (out.z.data != nullptr && source.gated())
                out.z.at(at.sample, place, c) =
                    grad_at(at, t, c) * shared.grad[from] * silu_slope(source.gate(at.sample, t, c));
        });
    }

    SPECTILE_BODY void store_sums(const Shared& shared, const Place& at, int thread) const {
        const std::int64_t c = channel_at(at, thread);
        if (thread >= Shape::kChannels || c >= source.sizes.channels) return;
        float skip = 0.0F, bias = 0.0F;
        for (int segment = Shape::kSegments - 1; segment >= 0; --segment) {
            skip += shared.to_skip[segment * Shape::kChannels + thread];
            bias += shared.to_bias[segment * Shape::kChannels + thread];
        }
        const std::int64_t row = at.sample * source.sizes.channels + c;
        if (out.D != nullptr) out.D[row] = skip;
        if (out.delta_bias != nullptr) out.delta_bias[row] = bias;
        if (out.A == nullptr) return;
        for (int n = 0; n < source.sizes.states; ++n)
            out.A[row * source.sizes.states + n] = shared.d_a[n * Shape::kChannels + thread];
    }

    template <class Block, class Runs>
    SPECTILE_BODY void every_state(Block& block, const Place& at, Runs& runs) const {
        Shared& shared = block.shared;
        for (int n = 0; n < source.sizes.states; ++n) {
            if constexpr (kCarries) {
                block.phase([&](int thread) { start_run(shared, at, n, runs[thread], thread); });
                block.phase([&](int thread) { carry(shared, at, n, thread); });
            } else {
                block.each([&](int thread) { start_run(shared, at, n, runs[thread], thread); });
            }
            block.phase([&](int thread) { pass(shared, at, n, runs[thread], thread); });
            block.phase([&](int thread) { sum_quarters(shared, n, thread); });
            block.phase([&](int thread) { store_parts(shared, at, n, thread); });
        }
    }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        const std::int64_t across = blocks_for(source.sizes.channels, Shape::kChannels);
        Place at{block.index() / across, block.index() % across, 0};
        typename Block::template PerThread<Run> runs(block);
        typename Block::template PerThread<Sums> sums(block);
        Shared& shared = block.shared;
        block.each([&](int thread) {
            for (int i = thread; i < kStates * Shape::kChannels; i += kThreads)
                shared.adjoint_end[i] = shared.d_a[i] = 0.0F;
        });
        const std::int64_t tiles = blocks_for(source.sizes.length, Shape::kTile);
        for (std::int64_t tile = tiles - 1; tile >= 0; --tile) {
            at.first_token = tile * Shape::kTile;
            block.phase([&](int thread) {
                runs[thread] = Run{};
                load(shared, at, thread);
            });
            every_state(block, at, runs);
            block.phase([&](int thread) { finish_run(shared, at, runs[thread], sums[thread], thread); });
            block.phase([&](int thread) { store(shared, at, thread); });
        }
        block.phase([&](int thread) {
            shared.to_skip[thread] = sums[thread].skip;
            shared.to_bias[thread] = sums[thread].bias;
        });
        block.each([&](int thread) { store_sums(shared, at, thread); });
    }
};

/// Adds the parts of dB or dC over the groups of channels, in their order. One thread per (sample, state,
/// token).
///
/// Shapes   parts: [samples, groups, states, length]; out: [sample, token, state].
struct SumParts {
    static constexpr int kThreads = 256;
    static constexpr int kBlocks = 1;
    using Shared = Nothing;

    const float* parts;
    ScanSizes sizes;
    std::int64_t groups;
    Output out;

    std::int64_t blocks() const { return blocks_for(sizes.samples * sizes.states * sizes.length, kThreads); }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        block.each([&](int thread) {
            const std::int64_t at = block.index() * kThreads + thread;
            const std::int64_t plane = sizes.states * sizes.length;
            if (at >= sizes.samples * plane) return;
            float sum = 0.0F;
            for (std::int64_t group = 0; group < groups; ++group)
                sum += parts[(at / plane * groups + group) * plane + at % plane];
            out.at(at / plane, at % sizes.length, at / sizes.length % sizes.states) = sum;
        });
    }
};

}  // namespace spectile::kernels::device
