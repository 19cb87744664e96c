#include <fmt/format.h>

#include <cstdio>

#include "planned_launches.hpp"

// Prints the tables of predictions of docs/gpu.md.
namespace {

using namespace spectile::cuda;

const char* limit_of(const PlannedLaunch& launch, const DeviceRates& device) {
    const double least = least_seconds(launch, device);
    if (least == launch.bytes / device.bytes_per_second) return "memory";
    return least == launch.exps / device.exps_per_second ? "exponentials" : "arithmetic";
}

void print_launches() {
    fmt::print("| launch | size | MB asked | of the least | GFLOP | exp, 10^6 |");
    for (const auto& device : device_rates()) fmt::print(" {} at best |", device.name);
    fmt::print("\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (const auto& launch : planned_launches()) {
        fmt::print("| {} | {} | {:.1f} | {:.2f} | {:.2f} | {:.0f} |", launch.name, launch.size,
                   launch.bytes / 1e6, launch.bytes / launch.least_bytes, launch.flops / 1e9,
                   launch.exps / 1e6);
        for (const auto& device : device_rates())
            fmt::print(" {:.0f} us, {} |", least_seconds(launch, device) * 1e6, limit_of(launch, device));
        fmt::print("\n");
    }
}

/// Work of one pixel or one tile by the specifications' counts; bytes as their modules read and write memory
/// once.
struct ModelWork {
    const char* name;
    const char* unit;
    double flops, exps, bytes;
};

const ModelWork kModels[] = {
    {"SpectralMamba, 200 bands", "pixels", 1.565e6, 43.1e3, 801},
    {"MiM-ISTD, tile of 512", "tiles", 7.8e9, 126e6, 0.38 * 1073741824.0},
    {"SpectralGPT Base encoder, 1024 tokens", "tiles", 12 * 17.7e9, 0, 0},
};

void print_models() {
    fmt::print("\n| model |");
    for (const auto& device : device_rates()) fmt::print(" {} |", device.name);
    fmt::print("\n| --- | --- | --- |\n");
    for (const auto& model : kModels) {
        fmt::print("| {} |", model.name);
        const PlannedLaunch all{model.name, "", model.bytes, model.bytes, model.flops, model.exps};
        for (const auto& device : device_rates()) {
            const double rate = 1 / least_seconds(all, device);
            const std::string count =
                rate > 1e6 ? fmt::format("{:.1f} million", rate / 1e6) : fmt::format("{:.0f}", rate);
            fmt::print(" {} {}/s, {} |", count, model.unit, limit_of(all, device));
        }
        fmt::print("\n");
    }
}

}  // namespace

int main() {
    print_launches();
    print_models();
    return 0;
}
