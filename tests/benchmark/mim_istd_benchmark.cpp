// MiM-ISTD's official default on one frame, one thread, same weights: the fused kernels against the plain
// composition of LibTorch's operators (four-fold copies, step-by-step scan).
//
//   mim_istd_benchmark [SIZE...]            seconds of both, taking turns; medians
//   mim_istd_benchmark --stages SIZE        seconds between the values that the network shows, by kernels
//   mim_istd_benchmark --memory ours SIZE [PARAMETERS]
//                                           peak resident memory of one forward above the base ("plain"
//                                           likewise), of the network that a card's `parameters` (JSON)
//                                           describe
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "models/networks/libtorch_state.hpp"
#include "models/networks/mim_istd/network.hpp"

namespace spectile {
namespace {

constexpr int kMostRounds = 5;

/// A line of /proc/self/status in MiB.
double mebibytes(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind(key, 0) == 0) return std::stod(line.substr(key.size() + 1)) / 1024;
    return 0;
}

double seconds_of(networks::MimIstd& network, const at::Tensor& x, bool plain) {
    network.use_reference_scan(plain);
    const auto begin = std::chrono::steady_clock::now();
    network.forward(x);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> seconds) {
    std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2),
                     seconds.end());
    return seconds[seconds.size() / 2];
}

void compare(networks::MimIstd& network, std::int64_t size) {
    const auto x = at::randn({1, 3, size, size});
    std::vector<double> ours, plain;
    seconds_of(network, x, false);  // Warm: allocations, lazy set-up.
    for (int round = 0; round < (size > 600 ? 2 : kMostRounds); ++round) {
        ours.push_back(seconds_of(network, x, false));
        plain.push_back(seconds_of(network, x, true));
    }
    fmt::print("{0}x{0}: kernels {1:.3f} s, plain composition {2:.3f} s, ratio {3:.2f}\n", size, median(ours),
               median(plain), median(plain) / median(ours));
}

void print_memory(const std::vector<std::string>& given) {
    const std::int64_t size = std::stoll(given[2]);
    const auto config = entries::parse_mim_istd(given.size() > 3 ? given[3] : "{}", "parameters");
    networks::MimIstd network(config, 1);
    const auto x = at::randn({1, config.bands, size, size});
    const double base = mebibytes("VmRSS:");
    const double seconds = seconds_of(network, x, given[1] == "plain");
    const double above = mebibytes("VmHWM:") - base;
    fmt::print("{} {}: {:.0f} MiB above {:.0f}, {:.0f} bytes a pixel, {:.3f} s\n", given[1], size, above,
               base, above * 1048576 / static_cast<double>(size * size), seconds);
}

/// Stages of one forward after a first one, in their order; a stage ends where its value is shown.
void print_stages(networks::MimIstd& network, std::int64_t size) {
    const auto x = at::randn({1, 3, size, size});
    network.forward(x);
    auto last = std::chrono::steady_clock::now();
    const auto lap = [&](const std::string& name) {
        const auto now = std::chrono::steady_clock::now();
        fmt::print("{:8.4f}  {}\n", std::chrono::duration<double>(now - last).count(), name);
        last = now;
    };
    network.forward(x, [&](const std::string& name, const at::Tensor&) { lap(name); });
    lap("to full resolution");
}

int run(int count, char** arguments) {
    networks::quiet_libtorch();
    const at::NoGradGuard no_grad;
    const std::vector<std::string> given(arguments + 1, arguments + count);
    if (given.size() > 2 && given[0] == "--memory") return print_memory(given), 0;
    networks::MimIstd network({}, 1);
    if (given.size() == 2 && given[0] == "--stages") return print_stages(network, std::stoll(given[1])), 0;
    fmt::print("{}\n", networks::describe_libtorch());
    for (const auto& size : given.empty() ? std::vector<std::string>{"512", "1024"} : given)
        compare(network, std::stoll(size));
    return 0;
}

}  // namespace
}  // namespace spectile

int main(int count, char** arguments) { return spectile::run(count, arguments); }
