#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.hpp"
#include "spectile/pipeline.hpp"
#include "spectile/run.hpp"

namespace CLI {
class App;
}

namespace spectile::cli {

/// The options that every verb that computes has, as written. Declared once, here.
struct RunFlags {
    std::vector<std::string> settings;  ///< --set key.path=value, in order.
    std::string memory, time_limit, grace = "30s";
    std::string results, only, metrics;
    bool lossy = false;
    int preview = 0;  ///< Longest side in pixels; 0: the whole job.
    RunOptions options;

    // Spelt as `gdal raster` spells them.
    std::vector<std::string> bands;  ///< "3", "2,5" or "4-9".
    std::vector<double> bbox;
    std::string bbox_crs;
    std::vector<std::int64_t> window;
    std::string format, type, nodata;
    std::vector<std::string> open_options, creation_options, config;
};

void declare_run_flags(CLI::App& app, RunFlags& flags);

/// The options of a run, with progress and the stop flag wired to this process. Throws Error{Code::usage}.
RunOptions run_options(const RunFlags& flags, Console& console);

/// Puts bands, area, formats and GDAL options into the pipeline. Throws Error{Code::usage}.
void apply_run_flags(const RunFlags& flags, Pipeline& pipeline);

/// A number that is the whole text. Throws Error{Code::usage} naming the option.
double parse_number(const std::string& option, const std::string& text);

/// "2h", "90m", "30s", "1.5d" or plain seconds. Throws Error{Code::usage}.
double parse_duration(const std::string& option, const std::string& text);

/// "3", "2,5", "4-9": bands from 1, in the order written. Throws Error{Code::usage}.
std::vector<int> parse_bands(const std::vector<std::string>& texts);

}  // namespace spectile::cli
