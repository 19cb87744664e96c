#pragma once

#include "kernels/device/block.cuh"

namespace spectile::kernels::device {

/// How a scan is laid over a block: kChannels side by side, and the tokens of a tile in kSegments runs of
/// kRun that are scanned at the same time. With one segment nothing has to be carried from run to run, which
/// suits short sequences; long ones take several, so that a single map fills a device.
template <int kChannelCount, int kSegmentCount>
struct ScanShape {
    static constexpr int kChannels = kChannelCount;
    static constexpr int kSegments = kSegmentCount;
    static constexpr int kRun = 8;
    static constexpr int kTile = kRun * kSegments;
    static constexpr int kThreads = kChannels * kSegments;
    /// Blocks that a multiprocessor is to hold: as many as registers (forward) and shared memory (backward)
    /// allow without a spill.
    static constexpr int kForwardBlocks = kSegments == 1 ? 10 : kSegments == 2 ? 2 : 3;
    static constexpr int kBackwardBlocks = kSegments == 1 ? 6 : 4;
    static constexpr int kPitch = kChannels + 1;  ///< Of a tile's token, against bank conflicts.

    using Tile = Fixed<float, kTile * kPitch>;

    SPECTILE_BODY static int channel_of(int thread) { return thread % kChannels; }
    SPECTILE_BODY static int segment_of(int thread) { return thread / kChannels; }
    SPECTILE_BODY static int first_token_of(int thread) { return thread / kChannels * kRun; }

    /// Calls visit(token, channel) for this thread's share of a tile, neighbouring threads along the axis
    /// that is contiguous in memory.
    template <class Visit>
    SPECTILE_BODY static void visit_tile(int thread, bool along_tokens, Visit visit) {
        for (int at = thread; at < kTile * kChannels; at += kThreads) {
            if (along_tokens)
                visit(at % kTile, at / kTile);
            else
                visit(at / kChannels, at % kChannels);
        }
    }
    static constexpr int pitched(int token, int channel) { return token * kPitch + channel; }
};

/// Sequences of up to this many tokens are scanned by one thread per channel.
inline constexpr std::int64_t kShortSequence = 64;

/// Tokens between two stored states; the backward kernels start again from these. It is their tile.
SPECTILE_ANYWHERE constexpr std::int64_t checkpoint_period(std::int64_t length) {
    return length <= kShortSequence ? 8 : 32;
}

/// The layouts that the launchers choose from. Short: one thread per channel. Long: several runs; the more
/// channels, the wider, since every block of channels reads B and C once more.
using ShortScan = ScanShape<64, 1>;
using LongScan = ScanShape<32, 8>;
using WideScan = ScanShape<64, 4>;
using WidestScan = ScanShape<128, 2>;
using LongScanBackward = ScanShape<32, 4>;
inline constexpr std::int64_t kWideChannels = 128;
inline constexpr std::int64_t kWidestChannels = 256;

/// The scan primitive: a linear recurrence over the segments of a tile, in their order. `step(segment,
/// start)` gets the value that enters a segment and returns the one that leaves it.
template <class Step>
SPECTILE_BODY float carry_forward(int segments, float start, Step step) {
    for (int segment = 0; segment < segments; ++segment) start = step(segment, start);
    return start;
}
template <class Step>
SPECTILE_BODY float carry_backward(int segments, float start, Step step) {
    for (int segment = segments - 1; segment >= 0; --segment) start = step(segment, start);
    return start;
}

}  // namespace spectile::kernels::device
