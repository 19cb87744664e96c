#include "training/training_options.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "spectile/error.hpp"

namespace spectile::training {

namespace fs = std::filesystem;

void check_options(const Training& training, const TrainingOptions& options, const std::string& what) {
    if (!options.overwrite && fs::exists(fs::path(training.output) / what))
        throw Error(Code::publish, fmt::format("{}: holds a {} already; give --overwrite or another output",
                                               training.output, what == "model.yaml" ? "model" : "result"));
}

std::string checkpoint_path(const TrainingOptions& options, const std::string& name) {
    if (options.work.empty()) return {};
    fs::create_directories(options.work);
    const auto path = (fs::path(options.work) / (name + ".safetensors")).string();
    if (options.restart) fs::remove(path);
    return path;
}

}  // namespace spectile::training
