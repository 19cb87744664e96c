// Runs pipelines one after the other and prints what came of each: a job that has reasons of its own to be a
// program, such as a service that is handed scenes.
#include <cstdio>
#include <spectile/spectile.hpp>

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        try {
            const auto pipeline = spectile::load_pipeline(argv[i], {"tiling.part=512"});
            spectile::RunOptions options;
            options.threads = 2;
            options.progress = [](const spectile::RunProgress& progress) {
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
