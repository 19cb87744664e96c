#include "cli/preview.hpp"

#include <filesystem>

#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

std::string preview_name(const std::string& path) {
    const std::filesystem::path whole = path;
    return (whole.parent_path() / (whole.stem().string() + ".preview" + whole.extension().string())).string();
}

}  // namespace

void make_preview(const RunFlags& flags, Pipeline& pipeline) {
    if (!flags.options.shard.empty() || !flags.options.manifest.empty())
        throw Error(Code::usage, "--preview: is one small job; leave --shard and --manifest out");
    for (auto& scene : pipeline.scenes) {
        if (scene.aoi.window)
            throw Error(Code::usage, "--preview: a window in pixels is one of the whole scene; give --bbox");
        scene.preview = flags.preview;
    }
    for (auto& product : pipeline.products) product.path = preview_name(product.path);
    pipeline.mosaics.clear();
}

}  // namespace spectile::cli
