#pragma once

namespace CLI {
class App;
}

namespace spectile::cli {

struct RunFlags;

/// Adds the options that `gdal raster` has too, in its words: bands, windows, formats, types, --co, --oo,
/// --config. apply_run_flags (run_flags.hpp) makes them keys of the pipeline.
void declare_gdal_flags(CLI::App& app, RunFlags& flags);

}  // namespace spectile::cli
