#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "cuda/device_array.hpp"
#include "cuda/planned_launches.hpp"
#include "kernels/cuda_launchers.hpp"

// Times the launches of docs/gpu.md on the first device and compares them with what memory, arithmetic and
// exponentials allow an H100. Values are zero: no kernel's time depends on them.

namespace spectile::cuda {
namespace {

using Floats = DeviceArray<float>;
using Launch = std::function<const char*()>;

Floats zeros(double count) { return Floats(std::vector<float>(static_cast<std::size_t>(count))); }

/// Milliseconds of one launch: the median of ten, each an average over as many as take about 20 ms.
double seconds_of(const Launch& launch) {
    cudaEvent_t begin = nullptr, end = nullptr;
    cudaEventCreate(&begin);
    cudaEventCreate(&end);
    const auto round = [&](int count) {
        cudaEventRecord(begin);
        for (int i = 0; i < count; ++i)
            if (const char* fault = launch()) throw std::runtime_error(fault);
        cudaEventRecord(end);
        finish();
        float milliseconds = 0;
        cudaEventElapsedTime(&milliseconds, begin, end);
        return static_cast<double>(milliseconds) / 1e3 / count;
    };
    round(1);
    const int count = std::max(1, static_cast<int>(0.02 / std::max(round(3), 1e-6)));
    std::vector<double> times(10);
    for (double& time : times) time = round(count);
    std::sort(times.begin(), times.end());
    return times[5];
}

void print(const PlannedLaunch& planned, double seconds) {
    fmt::print("| {} | {} | {:.1f} | {:.0f} |", planned.name, planned.size, seconds * 1e6,
               planned.bytes / seconds / 1e9);
    for (const auto& device : device_rates())
        fmt::print(" {:.2f} |", least_seconds(planned, device) / seconds);
    fmt::print("\n");
}

/// A scan with [sample, token, channel] tensors, forward and backward.
void time_scan(const std::string& size, const ScanLaunch& sizes) {
    const double tokens = sizes.samples * sizes.length;
    const auto wide = [&] { return zeros(tokens * sizes.channels); };
    const auto narrow = [&] { return zeros(tokens * sizes.states); };
    const Floats u = wide(), delta = wide(), z = wide(), y = wide(), grad = wide(), du = wide(),
                 ddelta = wide(), dz = wide();
    const Floats B = narrow(), C = narrow(), dB = narrow(), dC = narrow();
    const Floats A = zeros(sizes.channels * sizes.states), D = zeros(sizes.channels),
                 rows = zeros(sizes.samples * sizes.channels * (sizes.states + 2));
    const auto channels = static_cast<std::int64_t>(sizes.channels),
               length = static_cast<std::int64_t>(sizes.length);
    const auto samples = static_cast<std::int64_t>(sizes.samples);
    const auto in = [&](const Floats& array, std::int64_t columns) {
        return kernels::device::Input{array.data(), length * columns, columns, 1};
    };
    const auto out = [&](const Floats& array, std::int64_t columns) {
        return kernels::device::Output{array.data(), length * columns, columns, 1};
    };
    const kernels::device::PlainScan scan{{samples, channels, length, 16},
                                          in(u, channels),
                                          in(delta, channels),
                                          in(z, channels),
                                          in(B, 16),
                                          in(C, 16),
                                          A.data(),
                                          D.data(),
                                          D.data(),
                                          true};
    const Floats checkpoints = zeros(static_cast<double>(kernels::scan_checkpoint_floats(scan.sizes)));
    const Floats parts = zeros(static_cast<double>(kernels::scan_parts_floats(scan.sizes)));
    print(planned_forward(size, sizes), seconds_of([&] {
              return kernels::cuda_selective_scan_forward(scan, out(y, channels), {}, nullptr);
          }));
    finish();
    kernels::cuda_selective_scan_forward(scan, out(y, channels), {nullptr, checkpoints.data()}, nullptr);
    float* per_row = rows.data();
    const kernels::CudaScanGradients gradients{out(du, channels),
                                               out(ddelta, channels),
                                               out(dz, channels),
                                               out(dB, 16),
                                               out(dC, 16),
                                               per_row,
                                               per_row + samples * channels * 16,
                                               per_row + samples * channels * 17,
                                               parts.data()};
    print(planned_backward(size, sizes), seconds_of([&] {
              return kernels::cuda_selective_scan_backward(scan, in(grad, channels), checkpoints.data(),
                                                           gradients, nullptr);
          }));
}

void time_ss2d(const std::string& size, std::int32_t side, const ScanLaunch& sizes) {
    const double images = sizes.samples / 4, tokens = images * sizes.length;
    const auto rank = static_cast<std::int32_t>(sizes.rank);
    const Floats x = zeros(tokens * sizes.channels), projected = zeros(tokens * 4 * (sizes.rank + 32));
    const Floats weight = zeros(4 * sizes.channels * sizes.rank), row = zeros(4 * sizes.channels),
                 A = zeros(64 * sizes.channels);
    const Floats scans = zeros(4 * tokens * sizes.channels), z = zeros(tokens * 2 * sizes.channels),
                 out = zeros(tokens * sizes.channels);
    const auto channels = static_cast<std::int64_t>(sizes.channels),
               length = static_cast<std::int64_t>(sizes.length);
    const kernels::device::FourDirections source{
        {static_cast<std::int64_t>(sizes.samples), channels, length, 16},
        side,
        side,
        rank,
        x.data(),
        projected.data(),
        weight.data(),
        row.data(),
        A.data(),
        row.data()};
    print(planned_forward(size, sizes),
          seconds_of([&] { return kernels::cuda_ss2d_scans(source, scans.data(), nullptr); }));
    const PlannedLaunch merge{"ss2d merge",
                              size,
                              24 * tokens * sizes.channels,
                              24 * tokens * sizes.channels,
                              12 * tokens * sizes.channels,
                              tokens * sizes.channels};
    print(merge, seconds_of([&] {
              return kernels::cuda_ss2d_merge(
                  {scans.data(), z.data() + channels, 2 * channels, row.data(), row.data(),
                   static_cast<std::int64_t>(images), length, channels, out.data()},
                  nullptr);
          }));
}

/// The backward pass of `images` maps as a training step launches it.
void time_ss2d_backward(const std::string& size, std::int32_t side, const ScanLaunch& sizes) {
    const double tokens = sizes.samples / 4 * sizes.length;
    const auto rank = static_cast<std::int32_t>(sizes.rank);
    const Floats x = zeros(tokens * sizes.channels), grad = zeros(tokens * sizes.channels),
                 dx = zeros(tokens * sizes.channels), projected = zeros(tokens * 4 * (sizes.rank + 32)),
                 d_projected = zeros(tokens * 4 * (sizes.rank + 32)),
                 scans = zeros(4 * tokens * sizes.channels);
    const Floats weight = zeros(4 * sizes.channels * sizes.rank), row = zeros(4 * sizes.channels),
                 A = zeros(64 * sizes.channels), d_row = zeros(sizes.samples * sizes.channels),
                 d_A = zeros(16 * sizes.samples * sizes.channels);
    const kernels::device::FourDirections source{
        {static_cast<std::int64_t>(sizes.samples), static_cast<std::int64_t>(sizes.channels),
         static_cast<std::int64_t>(sizes.length), 16},
        side,
        side,
        rank,
        x.data(),
        projected.data(),
        weight.data(),
        row.data(),
        A.data(),
        row.data()};
    const auto count = [](std::int64_t floats) { return zeros(static_cast<double>(floats)); };
    const Floats checkpoints = count(kernels::scan_checkpoint_floats(source.sizes)),
                 scratch = count(kernels::ss2d_scratch_floats(source.sizes)),
                 d_weight = count(source.sizes.samples * kernels::ss2d_weight_pieces(source.sizes) * rank *
                                  source.sizes.channels);
    kernels::cuda_ss2d_sum(source, scans.data(), checkpoints.data(), dx.data(), nullptr);
    print(planned_ss2d_backward(size, sizes), seconds_of([&] {
              return kernels::cuda_ss2d_backward(source, grad.data(), checkpoints.data(),
                                                 {dx.data(), d_projected.data(), d_weight.data(),
                                                  d_row.data(), d_row.data(), d_A.data(), scratch.data()},
                                                 nullptr);
          }));
}

void time_inner(int stage) {
    const int width = 4 << stage, inner = 2 * width, rank = (width + 15) / 16;
    const std::int64_t sentences = (16 * 4096) >> (2 * stage);
    const Floats words = zeros(16.0 * static_cast<double>(sentences) * width);
    // One array of zeros stands for every weight.
    const Floats weight = zeros(std::max(64.0 * inner, 4.0 * inner * (rank + 32)));
    const float* w = weight.data();
    const kernels::InnerSs2dCall call{
        words.data(), sentences, width, true, {w, w, w, w, w, w, w, w, w, w, w, w, w}, words.data()};
    print(planned_inner("MiM-ISTD inner stage " + std::to_string(stage) + ", 16 tiles of 512",
                        static_cast<double>(sentences), width),
          seconds_of([&] { return kernels::cuda_inner_ss2d(call, nullptr); }));
}

const PlannedLaunch& planned(const std::vector<PlannedLaunch>& all, const std::string& name) {
    for (const auto& launch : all)
        if (launch.name == name) return launch;
    throw std::runtime_error("no planned launch is called " + name);
}

void time_pixels() {
    const auto all = planned_launches();
    const std::int64_t side = 512, pixels = side * side, bands = 200;
    const DeviceArray<std::uint16_t> raw(
        std::vector<std::uint16_t>(static_cast<std::size_t>(bands * pixels)));
    const DeviceArray<std::uint8_t> valid(std::vector<std::uint8_t>(static_cast<std::size_t>(pixels), 1));
    std::vector<std::int32_t> order(static_cast<std::size_t>(bands));
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
    const DeviceArray<std::int32_t> band(order), index(static_cast<std::size_t>(pixels));
    const Floats ones(std::vector<float>(static_cast<std::size_t>(bands), 1.0F)),
        values = zeros(16.0 * pixels), sums = zeros(16.0 * pixels), weights = zeros(pixels);
    const DeviceArray<std::uint16_t> prepared(static_cast<std::size_t>(bands * pixels));
    const kernels::PrepareCall prepare{kernels::RawType::uint16,
                                       kernels::ModelType::bfloat16,
                                       raw.data(),
                                       valid.data(),
                                       pixels,
                                       bands,
                                       band.data(),
                                       ones.data(),
                                       ones.data(),
                                       ones.data(),
                                       ones.data(),
                                       prepared.data()};
    print(planned(all, "prepare bands"),
          seconds_of([&] { return kernels::cuda_prepare_bands(prepare, nullptr); }));
    print(planned(all, "argmax"), seconds_of([&] {
              return kernels::cuda_argmax_channels(values.data(), 16, pixels, index.data(), nullptr);
          }));
    const kernels::BlendCall blend{values.data(),      valid.data(), 16,   16,          {0, 0, side, side},
                                   {0, 0, side, side}, side,         side, sums.data(), weights.data()};
    print(planned(all, "blend tile"), seconds_of([&] { return kernels::cuda_blend_tile(blend, nullptr); }));
    print(planned(all, "blend finish"), seconds_of([&] {
              return kernels::cuda_blend_finish(sums.data(), weights.data(), valid.data(), 16, pixels,
                                                nullptr);
          }));
}

}  // namespace
}  // namespace spectile::cuda

int main() {
    using namespace spectile::cuda;
    if (device_count() == 0) {
        fmt::print(stderr, "no CUDA device on this machine\n");
        return 69;
    }
    fmt::print(
        "{}\n\n| launch | size | us | GB/s asked | of an A100's bound | of an H100's bound |\n| --- | --- | "
        "--- | --- | --- | --- |\n",
        device_description());
    time_scan("SpectralMamba, 4096 pixels: 34 tokens, 64 channels", {4096, 64, 34, 16, true});
    time_scan("one sequence set: 16 x 4096 tokens, 64 channels", {16, 64, 4096, 16, true});
    time_ss2d("MiM-ISTD outer stage 0, 16 tiles of 512", 64, {64, 64, 4096, 16, false, 2});
    time_ss2d("MiM-ISTD outer stage 1, 16 tiles of 512", 32, {64, 128, 1024, 16, false, 4});
    time_ss2d("MiM-ISTD outer stage 2, 16 tiles of 512", 16, {64, 256, 256, 16, false, 8});
    time_ss2d("MiM-ISTD outer stage 3, 16 tiles of 512", 8, {64, 512, 64, 16, false, 16});
    time_ss2d_backward("MiM-ISTD outer stage 0, 4 crops of 256", 32, {16, 64, 1024, 16, false, 2});
    time_ss2d_backward("MiM-ISTD outer stage 3, 4 crops of 256", 4, {16, 512, 16, 16, false, 16});
    time_ss2d_backward("MiM-ISTD inner stage 0, 4 crops of 256", 4, {16384, 8, 16, 16, false, 1});
    for (int stage = 0; stage < 4; ++stage) time_inner(stage);
    time_pixels();
    return 0;
}
