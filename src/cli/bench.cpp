#include "run/bench.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/declare.hpp"
#include "cli/instructions.hpp"
#include "cli/machine_flags.hpp"
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
    declare_threads(app, arguments->threads);
    declare_device(app, arguments->device, "auto, cpu, cuda or cuda:0");
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
