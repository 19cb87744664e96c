#pragma once

#include "kernels/device/scan_shape.cuh"
#include "kernels/device/scan_source.cuh"

namespace spectile::kernels::device {

/// The selective scan, forward. A block takes kChannels channels of one sample and walks its tiles from the
/// first; every input is read once. With several segments each tile is scanned in three phases: local scans
/// from zero, the carry over the segments, and the scans once more from the right states.
///
/// Shapes       y: [sample, token, channel]; last_state: [samples, channels, states] or null;
///              checkpoints: [samples, ceil(length / period), 16, channels] or null, the state before each
///              period.
/// Arithmetic   y sums over the states in their order, starting from D*u, as on the CPU.
/// Source       models/spectralmamba.md 2.3.
template <class Source, class Shape>
struct ScanForward {
    static constexpr int kThreads = Shape::kThreads;
    static constexpr int kBlocks = Shape::kForwardBlocks;
    static constexpr bool kCarries = Shape::kSegments > 1;
    struct Shared {
        typename Shape::Tile u, delta;
        Fixed<float, Shape::kTile * kStates> b, c;
        Fixed<float, kCarries ? Shape::kSegments * kStates * Shape::kChannels : 1>
            carry;                                                  // [segment][state][channel]
        Fixed<float, kCarries ? kThreads : 1> delta_sum;            // [segment][channel]
        Fixed<float, kCarries ? kStates * Shape::kChannels : 1> h;  // [state][channel]
    };
    struct States {
        float values[kStates];
    };

    Source source;
    Output y;
    float* last_state;
    float* checkpoints;
    std::int64_t period;

    std::int64_t groups() const { return blocks_for(source.sizes.channels, Shape::kChannels); }
    std::int64_t blocks() const { return source.sizes.samples * groups(); }

    /// Which channels of which sample a block has, and where it stands.
    struct Place {
        std::int64_t sample, first_channel, first_token;
    };

    SPECTILE_BODY float rate2(const Place& at, int channel, int n) const {
        const std::int64_t c = at.first_channel + channel;
        return c < source.sizes.channels && n < source.sizes.states ? source.rate(at.sample, c, n) * kLog2E
                                                                    : 0.0F;
    }

    SPECTILE_BODY void load(Shared& shared, const Place& at, int thread) const {
        const ScanSizes& sizes = source.sizes;
        Shape::visit_tile(thread, source.tokens_are_neighbours(), [&](int token, int channel) {
            const std::int64_t t = at.first_token + token;
            const std::int64_t c = at.first_channel + channel;
            const bool inside = t < sizes.length && c < sizes.channels;
            shared.u[Shape::pitched(token, channel)] = inside ? source.input(at.sample, t, c) : 0.0F;
            shared.delta[Shape::pitched(token, channel)] = inside ? source.step(at.sample, t, c) : 0.0F;
        });
        for (int i = thread; i < Shape::kTile * kStates; i += kThreads) {
            const std::int64_t t = at.first_token + i / kStates;
            const bool inside = t < sizes.length && i % kStates < sizes.states;
            shared.b[i] = inside ? source.b(at.sample, t, i % kStates) : 0.0F;
            shared.c[i] = inside ? source.c(at.sample, t, i % kStates) : 0.0F;
        }
    }

    /// One thread's run from state zero: what it adds to the state, and the sum of its steps.
    SPECTILE_BODY void scan_locally(Shared& shared, const States& rates, int thread) const {
        const int channel = Shape::channel_of(thread);
        States h{};
        float sum = 0.0F;
        SPECTILE_KEEP_LOOP
        for (int i = 0; i < Shape::kRun; ++i) {
            const int token = Shape::first_token_of(thread) + i;
            const float delta = shared.delta[Shape::pitched(token, channel)];
            const float delta_u = delta * shared.u[Shape::pitched(token, channel)];
            sum += delta;
            SPECTILE_UNROLL
            for (int n = 0; n < kStates; ++n)
                h.values[n] = fused(exp2f(delta * rates.values[n]), h.values[n],
                                    delta_u * shared.b[token * kStates + n]);
        }
        SPECTILE_UNROLL
        for (int n = 0; n < kStates; ++n)
            shared.carry[(Shape::segment_of(thread) * kStates + n) * Shape::kChannels + channel] =
                h.values[n];
        shared.delta_sum[thread] = sum;
    }

    /// Turns what the runs add into the states that they start from; (state, channel) pairs over the threads.
    SPECTILE_BODY void carry(Shared& shared, const Place& at, int thread) const {
        for (int pair = thread; pair < kStates * Shape::kChannels; pair += kThreads) {
            const int channel = pair % Shape::kChannels;
            const float rate = rate2(at, channel, pair / Shape::kChannels);
            shared.h[pair] = carry_forward(Shape::kSegments, shared.h[pair], [&](int segment, float start) {
                float& local = shared.carry[segment * kStates * Shape::kChannels + pair];
                const float decay = exp2f(shared.delta_sum[segment * Shape::kChannels + channel] * rate);
                const float end = fused(decay, start, local);
                local = start;
                return end;
            });
        }
    }

    SPECTILE_BODY void keep(const Place& at, int thread, const States& h) const {
        const std::int64_t t = at.first_token + Shape::first_token_of(thread);
        const std::int64_t c = at.first_channel + Shape::channel_of(thread);
        if (checkpoints == nullptr || t % period != 0 || t >= source.sizes.length ||
            c >= source.sizes.channels)
            return;
        const std::int64_t first =
            (at.sample * blocks_for(source.sizes.length, period) + t / period) * kStates;
        SPECTILE_UNROLL
        for (int n = 0; n < kStates; ++n) checkpoints[(first + n) * source.sizes.channels + c] = h.values[n];
    }

    /// One thread's run from the right state; y takes the place of u.
    SPECTILE_BODY void scan(Shared& shared, const States& rates, States& h, float skip, int thread) const {
        const int channel = Shape::channel_of(thread);
        SPECTILE_KEEP_LOOP
        for (int i = 0; i < Shape::kRun; ++i) {
            const int token = Shape::first_token_of(thread) + i;
            float& u = shared.u[Shape::pitched(token, channel)];
            const float delta = shared.delta[Shape::pitched(token, channel)];
            const float delta_u = delta * u;
            float sum = skip * u;
            SPECTILE_UNROLL
            for (int n = 0; n < kStates; ++n) {
                h.values[n] = fused(exp2f(delta * rates.values[n]), h.values[n],
                                    delta_u * shared.b[token * kStates + n]);
                sum = fused(h.values[n], shared.c[token * kStates + n], sum);
            }
            u = sum;
        }
    }

    SPECTILE_BODY void store(Shared& shared, const Place& at, int thread) const {
        Shape::visit_tile(thread, source.tokens_are_neighbours(), [&](int token, int channel) {
            const std::int64_t t = at.first_token + token;
            const std::int64_t c = at.first_channel + channel;
            if (t >= source.sizes.length || c >= source.sizes.channels) return;
            const float value = shared.u[Shape::pitched(token, channel)];
            y.at(at.sample, source.place(at.sample, t), c) =
                source.gated() ? value * silu(source.gate(at.sample, t, c)) : value;
        });
    }

    SPECTILE_BODY void finish(const Place& at, int thread, const States& h) const {
        const std::int64_t c = at.first_channel + Shape::channel_of(thread);
        if (last_state == nullptr || c >= source.sizes.channels ||
            Shape::segment_of(thread) != Shape::kSegments - 1)
            return;
        float* row = last_state + (at.sample * source.sizes.channels + c) * source.sizes.states;
        SPECTILE_UNROLL
        for (int n = 0; n < kStates; ++n)
            if (n < source.sizes.states) row[n] = h.values[n];
    }

    /// The states that a thread's run starts from: its own ones, or those that the carry left.
    SPECTILE_BODY void begin_run(const Shared& shared, States& h, int thread) const {
        if constexpr (kCarries) {
            SPECTILE_UNROLL
            for (int n = 0; n < kStates; ++n)
                h.values[n] = shared.carry[(Shape::segment_of(thread) * kStates + n) * Shape::kChannels +
                                           Shape::channel_of(thread)];
        }
    }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        const std::int64_t across = blocks_for(source.sizes.channels, Shape::kChannels);
        Place at{block.index() / across, block.index() % across * Shape::kChannels, 0};
        typename Block::template PerThread<States> rates(block), h(block);
        typename Block::template PerThread<float> skip(block);
        Shared& shared = block.shared;
        block.each([&](int thread) {
            const std::int64_t c = at.first_channel + Shape::channel_of(thread);
            SPECTILE_UNROLL
            for (int n = 0; n < kStates; ++n)
                rates[thread].values[n] = rate2(at, Shape::channel_of(thread), n);
            skip[thread] = c < source.sizes.channels ? source.skip(at.sample, c) : 0.0F;
            if constexpr (kCarries)
                for (int i = thread; i < kStates * Shape::kChannels; i += kThreads) shared.h[i] = 0.0F;
        });
        for (; at.first_token < source.sizes.length; at.first_token += Shape::kTile) {
            block.phase([&](int thread) { load(shared, at, thread); });
            if constexpr (kCarries) {
                block.phase([&](int thread) { scan_locally(shared, rates[thread], thread); });
                block.phase([&](int thread) { carry(shared, at, thread); });
            }
            block.phase([&](int thread) {
                begin_run(shared, h[thread], thread);
                keep(at, thread, h[thread]);
                scan(shared, rates[thread], h[thread], skip[thread], thread);
            });
            block.phase([&](int thread) { store(shared, at, thread); });
        }
        block.each([&](int thread) { finish(at, thread, h[thread]); });
    }
};

}  // namespace spectile::kernels::device
