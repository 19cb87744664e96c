// Runs pipelines one after the other and prints what came of each, or with --plan what would be done: a job
// that has reasons of its own to be a program, such as a service that is handed scenes.
#include <cstdio>
#include <spectile/spectile.hpp>
#include <string_view>

int main(int argc, char** argv) {
    const bool plan = argc > 1 && std::string_view(argv[1]) == "--plan";
    for (int i = plan ? 2 : 1; i < argc; ++i) {
        try {
            const auto pipeline = spectile::load_pipeline(argv[i], {"tiling.part=512"});
            spectile::RunOptions options;
            options.threads = 2;
            if (plan) {
                std::puts(spectile::plan_json(pipeline, options).c_str());
                continue;
            }
            options.progress = [](const spectile::Progress& progress) {
                std::fprintf(stderr, "\r%s %lld of %lld", progress.stage.c_str(),
                             static_cast<long long>(progress.done), static_cast<long long>(progress.total));
            };
            const auto report = spectile::run_pipeline(pipeline, options);
            for (const auto& product : report.products) std::printf("%s\n", product.c_str());
        } catch (const spectile::Error& error) {
            std::fprintf(stderr, "%s\n", error.what());
            return spectile::exit_status(error);
        }
    }
}
