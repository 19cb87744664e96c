#include "planned_launches.hpp"

#include <algorithm>
#include <cmath>

namespace spectile::cuda {
namespace {

constexpr double kFloat = 4;

/// Channels that a block of the forward scan takes, as kernels/device/scan_launch.cuh chooses them.
double block_channels(const ScanLaunch& scan) {
    if (scan.length <= 64) return 64;
    return scan.channels >= 256 ? 128 : scan.channels >= 128 ? 64 : 32;
}

/// Passes over the recurrence: one for short sequences, two (local and final) plus the carry for long ones.
double passes(const ScanLaunch& scan) { return scan.length <= 64 ? 1 : 2 + 1.0 / 8; }

double per_channel_tensors(const ScanLaunch& scan) {
    return scan.rank > 0 ? 2 : scan.gated ? 4 : 3;  // x and y; u, delta, y and the gate
}

double per_token_columns(const ScanLaunch& scan) { return scan.rank + 2 * scan.states; }

}  // namespace

PlannedLaunch planned_forward(const std::string& size, const ScanLaunch& scan) {
    const double tokens = scan.samples * scan.length;
    const double groups = std::ceil(scan.channels / block_channels(scan));
    const double own = per_channel_tensors(scan) * scan.channels;
    const double updates = tokens * scan.channels * scan.states;
    PlannedLaunch launch{scan.rank > 0 ? "ss2d scans" : "selective scan forward", size};
    launch.bytes = kFloat * tokens * (own + groups * per_token_columns(scan));
    launch.least_bytes = kFloat * tokens * (own + per_token_columns(scan));
    launch.flops = updates * (4 * passes(scan) + 2) +
                   tokens * scan.channels * (3 + 2 * scan.rank + (scan.gated ? 4 : 0));
    launch.exps = updates * passes(scan) + tokens * scan.channels * (scan.gated ? 3 : 2);
    return launch;
}

PlannedLaunch planned_backward(const std::string& size, const ScanLaunch& scan) {
    const double tokens = scan.samples * scan.length;
    const bool is_short = scan.length <= 64;
    const double groups = std::ceil(scan.channels / (is_short ? 64 : 32));
    const double updates = tokens * scan.channels * scan.states;
    // Read: u, delta, grad_y, and for the gate z twice and grad_y again; written: their gradients.
    const double own = (scan.gated ? 6 + 3 : 3 + 2) * scan.channels;
    const double checkpoints = scan.channels * scan.states / (is_short ? 8 : 32);
    const double parts = 2 * scan.states * groups;
    PlannedLaunch launch{"selective scan backward", size};
    launch.bytes =
        kFloat * tokens * (own + checkpoints + groups * 2 * scan.states + 2 * parts + 2 * scan.states);
    launch.least_bytes =
        kFloat * tokens * ((scan.gated ? 7 : 5) * scan.channels + checkpoints + 4 * scan.states);
    launch.flops = updates * (is_short ? 22 : 30) + tokens * scan.channels * (scan.gated ? 24 : 10);
    launch.exps = updates * (is_short ? 1 : 1 + 1.0 / 4) + tokens * scan.channels * (scan.gated ? 5 : 3);
    return launch;
}

PlannedLaunch planned_ss2d_backward(const std::string& size, const ScanLaunch& scan) {
    const double tokens = scan.samples * scan.length, channels = scan.channels,
                 width = per_token_columns(scan);
    const bool is_short = scan.length <= 64;
    const double groups = std::ceil(channels / (is_short ? 64 : 32)), parts = 2 * scan.states * groups;
    const double updates = tokens * channels * scan.states;
    const double checkpoints = channels * scan.states / (is_short ? 8 : 32);
    // x and grad_y for each direction, u and delta written; u summed; delta once for the projection's
    // gradient, once for each column of its weights.
    const double own = (2 + 2 + 1 + 1 + scan.rank) * channels;
    PlannedLaunch launch{"ss2d backward", size};
    launch.bytes = kFloat * tokens * (own + channels / 4 + checkpoints + (groups + 1) * width + 2 * parts);
    launch.least_bytes = kFloat * tokens * (3 * channels / 4 + checkpoints + 2 * width);
    launch.flops = updates * (is_short ? 22 : 30) + tokens * channels * (11 + 6 * scan.rank) + tokens * parts;
    launch.exps = updates * (is_short ? 1 : 1 + 1.0 / 4) + tokens * channels * 3;
    return launch;
}

PlannedLaunch planned_inner(const std::string& size, double sentences, double width) {
    const double e = 2 * width, rank = std::ceil(width / 16), words = 16 * sentences;
    PlannedLaunch launch{"inner ss2d", size};
    launch.bytes = launch.least_bytes = 2 * kFloat * words * width;
    const double products = width * 2 * e + 9 * e + e * 4 * (rank + 32) + e * width;
    const double updates = 4 * e * 16;
    launch.flops = words * (2 * products + 6 * updates + 4 * e * (2 * rank + 3) + 20 * e);
    launch.exps = words * (updates + 4 * e * 2 + 2 * e);
    return launch;
}

std::vector<PlannedLaunch> planned_launches() {
    const double tile = 512.0 * 512;
    std::vector<PlannedLaunch> launches = {
        planned_forward("SpectralMamba, 4096 pixels: 34 tokens, 64 channels", {4096, 64, 34, 16, true}),
        planned_backward("SpectralMamba, 4096 pixels: 34 tokens, 64 channels", {4096, 64, 34, 16, true}),
        planned_forward("one sequence set: 16 x 4096 tokens, 64 channels", {16, 64, 4096, 16, true}),
        planned_backward("one sequence set: 16 x 4096 tokens, 64 channels", {16, 64, 4096, 16, true}),
        planned_forward("MiM-ISTD outer stage 0, 16 tiles of 512", {64, 64, 4096, 16, false, 2}),
        planned_forward("MiM-ISTD outer stage 1, 16 tiles of 512", {64, 128, 1024, 16, false, 4}),
        planned_forward("MiM-ISTD outer stage 2, 16 tiles of 512", {64, 256, 256, 16, false, 8}),
        planned_forward("MiM-ISTD outer stage 3, 16 tiles of 512", {64, 512, 64, 16, false, 16}),
        planned_ss2d_backward("MiM-ISTD outer stage 0, 4 crops of 256", {16, 64, 1024, 16, false, 2}),
        planned_ss2d_backward("MiM-ISTD outer stage 3, 4 crops of 256", {16, 512, 16, 16, false, 16}),
        planned_ss2d_backward("MiM-ISTD inner stage 0, 4 crops of 256", {16384, 8, 16, 16, false, 1})};
    for (int stage = 0; stage < 4; ++stage)
        launches.push_back(
            planned_inner("MiM-ISTD inner stage " + std::to_string(stage) + ", 16 tiles of 512",
                          16 * 4096 / std::pow(4, stage), 4 * std::pow(2, stage)));
    const double merge = 16.0 * 4096 * 64;
    launches.push_back({"ss2d merge", "MiM-ISTD outer stage 0, 16 tiles of 512", 6 * kFloat * merge,
                        6 * kFloat * merge, 12 * merge, merge});
    launches.push_back({"prepare bands", "200 bands of uint16 to bfloat16, 512 x 512",
                        (2 + 2) * 200 * tile + tile, (2 + 2) * 200 * tile + tile, 4 * 200 * tile, 0});
    launches.push_back({"argmax", "16 channels, 512 x 512", (16 + 1) * kFloat * tile,
                        (16 + 1) * kFloat * tile, 16 * tile, 0});
    launches.push_back({"blend tile", "16 channels, 512 x 512", (3 * 16 + 2) * kFloat * tile + tile,
                        (3 * 16 + 2) * kFloat * tile + tile, (2 * 16 + 8) * tile, 0});
    launches.push_back({"blend finish", "16 channels, 512 x 512", (2 * 16 + 1) * kFloat * tile + tile,
                        (2 * 16 + 1) * kFloat * tile + tile, 16 * tile, 0});
    return launches;
}

std::vector<DeviceRates> device_rates() {
    return {{"A100", 2.039e12, 19.5e12, 108 * 16 * 1.41e9}, {"H100", 3.35e12, 66.9e12, 132 * 16 * 1.98e9}};
}

double least_seconds(const PlannedLaunch& launch, const DeviceRates& device) {
    return std::max({launch.bytes / device.bytes_per_second, launch.flops / device.flops_per_second,
                     launch.exps / device.exps_per_second});
}

}  // namespace spectile::cuda
