#include "run/seams.hpp"

#include <algorithm>

#include "models/entries/registry.hpp"
#include "pipeline/model_card.hpp"
#include "run/job.hpp"
#include "run/run_pipeline.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

nlohmann::ordered_json json_of(const products::Difference& d) {
    return {{"pixels", d.pixels}, {"mean", d.mean()}, {"largest", d.largest}, {"changed", d.changed}};
}

/// The core of one tile over a side; in steps of a size that the network takes.
std::int64_t whole_tile(std::int64_t side, const Seams& seams, std::int64_t multiple) {
    if (multiple == 0) return (side + seams.tile - 1) / seams.tile * seams.tile;
    const std::int64_t overlap = 2 * seams.halo;
    return (side + overlap + multiple - 1) / multiple * multiple - overlap;
}

ProductDefinition product(const std::string& kind, const std::string& path) {
    ProductDefinition made;
    made.kind = kind;
    made.path = path;
    made.format = "GTiff";
    return made;
}

}  // namespace

nlohmann::ordered_json Seams::json() const {
    return {{"scene", scene}, {"width", width}, {"height", height},    {"tile", tile},
            {"halo", halo},   {"blend", blend}, {"all", json_of(all)}, {"near", json_of(near)}};
}

Seams measure_seams(Pipeline pipeline, RunOptions options, const std::string& folder) {
    auto& scene = pipeline.scenes.front();
    if (!scene.aoi.empty())
        throw Error(Code::definition, "seams are measured on whole scenes; leave the area of interest out");
    Seams seams;
    std::int64_t side = 0, multiple = 0;
    const bool scores = traits_of(read_model_card(pipeline.model)).channels > 0;
    const std::string kind = scores ? "probabilities" : "bands";
    pipeline.products = {product(kind, folder + "/tiled.tif")};
    {
        const Job job = open_job(pipeline, scene, options);
        const auto& tiles = job.plan.tiles;
        multiple = job.traits.tile_multiple;
        if (tiles.fixed && multiple == 0)
            throw Error(Code::definition, job.card.file + ": the model reads tiles of " +
                                              std::to_string(tiles.tile_width) +
                                              " pixels and no others, so there is no one tile over all");
        seams.scene = job.scene->info().name;
        seams.tile = std::max(tiles.tile_width, tiles.tile_height);
        seams.halo = tiles.halo;
        seams.blend = tiles.blend == Blend::none ? "none" : "feather";
        side = std::max(job.plan.output.width, job.plan.output.height);
    }
    if (side <= seams.tile)
        throw Error(Code::scene, seams.scene + ": fits in one tile of " + std::to_string(seams.tile) +
                                     " pixels, which has no seam; set a smaller tiling.tile");
    const auto compute = [&](const std::string& name, std::int64_t tile) {
        pipeline.products = {product(kind, folder + "/" + name + ".tif")};
        pipeline.tiling.tile = static_cast<int>(tile);
        options.work = folder + "/" + name + ".work";
        run_pipeline(pipeline, options);
    };
    compute("tiled", seams.tile);
    compute("whole", whole_tile(side, seams, multiple));
    const auto figures = products::compare_tiled(folder + "/tiled.tif", folder + "/whole.tif", seams.tile);
    seams.width = figures.width;
    seams.height = figures.height;
    seams.all = figures.all;
    seams.near = figures.near;
    return seams;
}

}  // namespace spectile::run
