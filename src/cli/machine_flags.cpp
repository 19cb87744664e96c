#include "cli/machine_flags.hpp"

#include <CLI/CLI.hpp>

namespace spectile::cli {

CLI::Option* declare_threads(CLI::App& app, int& threads) {
    return app.add_option("--threads", threads, "Threads; else what affinity, cgroup and Slurm allow")
        ->type_name("N")
        ->check(CLI::Range(1, 4096));
}

CLI::Option* declare_device(CLI::App& app, std::string& device, const std::string& choices) {
    return app.add_option("--device", device, choices)->type_name("DEVICE")->capture_default_str();
}

}  // namespace spectile::cli
