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

constexpr std::int64_t kFineSteps = 8;

/// One tile over a side; in steps of a size that the network takes.
Tiling whole_tiling(std::int64_t side, const Seams& seams, std::int64_t multiple) {
    Tiling tiling;
    const std::int64_t overlap = std::int64_t{2} * seams.halo;
    tiling.tile = static_cast<int>(multiple == 0 ? (side + seams.tile - 1) / seams.tile * seams.tile
                                                 : (side + multiple - 1) / multiple * multiple - overlap);
    return tiling;
}

/// Of a network that reads windows of one size only: windows that begin at every eighth of one, so that each
/// pixel is the blend of as many places in a window.
Tiling fine_tiling(const Seams& seams) {
    const std::int64_t window = seams.tile + std::int64_t{2} * seams.halo;
    Tiling tiling;
    tiling.halo = static_cast<int>((window - window / kFineSteps) / 2);
    tiling.blend = Blend::feather;
    return tiling;
}

ProductDefinition product(const std::string& kind, const std::string& path) {
    ProductDefinition made;
    made.kind = kind;
    made.path = path;
    made.format = "GTiff";
    return made;
}

/// What the map is compared with, and where the grid of cores begins.
struct Reference {
    Tiling tiling;
    std::int64_t first_core = 0;
};

/// Fills in how the scene is tiled. Throws Error{Code::scene} for one that fits in a tile.
Reference reference_for(const Job& job, Seams& seams) {
    const auto& tiles = job.plan.tiles;
    seams.scene = job.scene->info().name;
    seams.tile = std::max(tiles.tile_width, tiles.tile_height);
    seams.halo = tiles.halo;
    seams.blend = tiles.blend == Blend::none ? "none" : "feather";
    const auto side = std::max(job.plan.output.width, job.plan.output.height);
    const auto one = seams.tile + (tiles.fixed ? std::int64_t{2} * seams.halo : 0);
    if (side <= one)
        throw Error(Code::scene, seams.scene + ": fits in one tile of " + std::to_string(one) +
                                     " pixels, which has no seam; set a smaller tiling.tile");
    const bool one_size = tiles.fixed && job.traits.tile_multiple == 0;
    seams.against = one_size ? "tiles at every eighth of a window" : "one tile over all";
    return {one_size ? fine_tiling(seams) : whole_tiling(side, seams, job.traits.tile_multiple),
            tiles.fixed ? tiles.halo : 0};
}

}  // namespace

nlohmann::ordered_json Seams::json() const {
    return {{"scene", scene},     {"width", width},      {"height", height},
            {"tile", tile},       {"halo", halo},        {"blend", blend},
            {"against", against}, {"all", json_of(all)}, {"near", json_of(near)}};
}

Seams measure_seams(Pipeline pipeline, RunOptions options, const std::string& folder) {
    auto& scene = pipeline.scenes.front();
    if (!scene.aoi.empty())
        throw Error(Code::definition, "seams are measured on whole scenes; leave the area of interest out");
    Seams seams;
    const bool scores = traits_of(read_model_card(pipeline.model)).channels > 0;
    const std::string kind = scores ? "probabilities" : "bands";
    pipeline.products = {product(kind, folder + "/tiled.tif")};
    auto [reference, first_core] = reference_for(open_job(pipeline, scene, options), seams);
    const auto compute = [&](const std::string& name) {
        pipeline.products = {product(kind, folder + "/" + name + ".tif")};
        options.work = folder + "/" + name + ".work";
        run_pipeline(pipeline, options);
    };
    compute("tiled");
    if (!reference.halo) {
        reference.halo = pipeline.tiling.halo;
        reference.blend = pipeline.tiling.blend;
    }
    reference.force_halo = pipeline.tiling.force_halo;
    reference.part = pipeline.tiling.part;
    pipeline.tiling = reference;
    compute("whole");
    const auto figures =
        products::compare_tiled(folder + "/tiled.tif", folder + "/whole.tif", seams.tile, first_core);
    seams.width = figures.width;
    seams.height = figures.height;
    seams.all = figures.all;
    seams.near = figures.near;
    return seams;
}

}  // namespace spectile::run
