#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/run_flags.hpp"

namespace CLI {
class App;
}

namespace spectile::cli {

/// What a verb without a pipeline file was given: scenes, a model, and a path for each product.
struct OneLine {
    std::vector<std::string> scenes;
    std::string model;
    bool stack = false;
    std::map<std::string, std::string> products;  ///< Path by kind; empty where it is not wanted.
    RunFlags flags;
};

/// Declares SCENE..., -m, -o (the product `main_kind`), an option for each of `more_kinds`, and the options
/// of a run.
void declare_one_line(CLI::App& app, OneLine& line, const std::string& main_kind,
                      const std::vector<std::string>& more_kinds);

/// The pipeline that a file with the same content would give; names are relative to the current folder.
Pipeline pipeline_of(const OneLine& line, const std::string& verb);

}  // namespace spectile::cli
