// SpectralGPT Base with the head for segmentation on one tile, one thread, same weights: attention block by
// block against the plain form, which holds every score.
//
//   spectral_gpt_benchmark [TASK...]           seconds of CPU of both, taking turns; medians
//   spectral_gpt_benchmark --memory ours TASK  peak resident memory of one forward above the base ("plain"
//   likewise)
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "models/networks/libtorch_state.hpp"
#include "models/networks/spectral_gpt/network.hpp"

namespace spectile {
namespace {

constexpr int kRounds = 3;

/// A line of /proc/self/status in MiB.
double mebibytes(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind(key, 0) == 0) return std::stod(line.substr(key.size() + 1)) / 1024;
    return 0;
}

networks::SpectralGpt network_for(const std::string& task) {
    const std::string classes = task == "classification" ? R"(, "classes": 19)" : "";
    return {entries::parse_spectral_gpt(R"({"task": ")" + task + "\"" + classes + "}", "benchmark"), 1};
}

at::Tensor image_for(const networks::SpectralGpt& network) {
    const auto& config = network.config();
    return at::randn({1, config.input_bands(), config.side, config.side});
}

/// Of the CPU, so that what else runs on the machine counts less.
double seconds_of(networks::SpectralGpt& network, const at::Tensor& x, bool plain) {
    network.use_plain_attention(plain);
    const auto begin = std::clock();
    network.forward(x);
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

double median(std::vector<double> seconds) {
    std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2),
                     seconds.end());
    return seconds[seconds.size() / 2];
}

void compare(const std::string& task) {
    auto network = network_for(task);
    const auto x = image_for(network);
    std::vector<double> ours, plain;
    seconds_of(network, x, false);  // Warm: allocations, lazy set-up.
    for (int round = 0; round < kRounds; ++round) {
        ours.push_back(seconds_of(network, x, false));
        plain.push_back(seconds_of(network, x, true));
    }
    const double flops =
        2 * network.config().macs_per_pixel() * network.config().side * network.config().side;
    fmt::print("{}: blockwise {:.2f} s ({:.0f} GFLOP/s), plain {:.2f} s, ratio {:.2f}\n", task, median(ours),
               flops / median(ours) / 1e9, median(plain), median(plain) / median(ours));
}

int run(int count, char** arguments) {
    networks::quiet_libtorch();
    const at::NoGradGuard no_grad;
    const std::vector<std::string> given(arguments + 1, arguments + count);
    if (given.size() == 3 && given[0] == "--memory") {
        auto network = network_for(given[2]);
        const auto x = image_for(network);
        const double base = mebibytes("VmRSS:");
        const double seconds = seconds_of(network, x, given[1] == "plain");
        fmt::print("{} {}: {:.0f} MiB above {:.0f}, {:.2f} s\n", given[1], given[2],
                   mebibytes("VmHWM:") - base, base, seconds);
        return 0;
    }
    fmt::print("{}\n", networks::describe_libtorch());
    for (const auto& task : given.empty() ? std::vector<std::string>{"segmentation"} : given) compare(task);
    return 0;
}

}  // namespace
}  // namespace spectile

int main(int count, char** arguments) { return spectile::run(count, arguments); }
