#include "run/bench.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/declare.hpp"
#include "cli/instructions.hpp"
#include "run/machine.hpp"

namespace spectile::cli {
namespace {

struct BenchArguments {
    std::string model;
    int threads = 0;
    std::string device = "cpu";
};

}  // namespace

Action declare_bench(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<BenchArguments>();
    app.add_option("MODEL", arguments->model, "Model folder, or an architecture with random weights")
        ->required();
    app.add_option("--threads", arguments->threads, "Threads; else what affinity, cgroup and Slurm allow")
        ->type_name("N")
        ->check(CLI::Range(1, 4096));
    app.add_option("--device", arguments->device, "auto, cpu, cuda or cuda:0")
        ->type_name("DEVICE")
        ->capture_default_str();
    declare_instructions(app);
    return [arguments, &console] {
        const int threads = arguments->threads > 0 ? arguments->threads : run::available_threads();
        const auto document = run::bench_model(arguments->model, threads, arguments->device);
        console.print_json(document);
        for (const auto& [key, value] : document.items())
            console.print(fmt::format("{:<24} {}", key, value.dump()));
        return 0;
    };
}

}  // namespace spectile::cli
