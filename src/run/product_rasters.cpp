#include "run/product_rasters.hpp"

#include <algorithm>
#include <filesystem>

#include "products/parameters.hpp"
#include "products/warp_parts.hpp"
#include "run/parallel.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
products::AssembleJob ProductRasters::blank(const ProductDefinition& definition) const {
    products::AssembleJob out;
    out.where = products::where(definition);
    out.grid = job_.plan.output;
    out.block = job_.plan.block;
    out.threads = job_.threads;
    out.parallel = parallel_for();
    out.recipe = computed_.recipe.sha256();
    out.model = job_.card.name;
    out.model_sha256 = computed_.recipe.components.at("model").at("weights").get<std::string>();
    return out;
}

products::AssembleJob ProductRasters::on_scene_grid(const RasterOutput& raster) const {
    products::AssembleJob out = blank(raster.definition);
    out.target = raster.definition.path;
    out.driver = raster.definition.format;
    out.options = raster.definition.options;
    out.format = raster.product->format();
    for (const auto& [index, entry] : computed_.ledger.parts()) {
        const auto& file = entry.products.at(raster.definition.kind);
        out.parts.push_back(
            {computed_.work + "/" + file.file, job_.plan.parts.part(index).window, file.blocks});
    }
    return out;
}

products::AssembleJob ProductRasters::on_target_grid(const RasterOutput& raster,
                                                     const products::AssembleJob& assembly) {
    const bool read_off = std::any_of(job_.others.begin(), job_.others.end(),
                                      [](const auto& other) { return products::has_features(other.kind); });
    if (read_off && raster.definition.kind == "probabilities") keep_scores(assembly);
    constexpr std::uint64_t kLeast = std::uint64_t{16} << 20, kMost = std::uint64_t{256} << 20;
    return products::warp_parts(assembly, *job_.target, warped(),
                                std::clamp(job_.memory_bytes / 8, kLeast, kMost));
}

/// Features are read off the scene's own pixels, which the product no longer holds.
void ProductRasters::keep_scores(products::AssembleJob scores) {
    scores.target = computed_.work + "/scores.tif";
    scores.driver = "GTiff";
    scores.options.clear();
    const auto result = products::assemble(scores);
    own_scores_ = result.partial_path;
    pending_.add({.renames = {}, .removals = {}, .cleanups = {result.temporary}});
}

products::AssembleJob ProductRasters::assemble(const RasterOutput& raster) {
    auto assembly = on_scene_grid(raster);
    if (job_.target) assembly = on_target_grid(raster, assembly);
    results_.push_back(products::assemble(assembly));
    if (job_.target) std::filesystem::remove(warped());
    return assembly;
}

std::string ProductRasters::scores() const {
    if (!own_scores_.empty()) return own_scores_;
    for (std::size_t i = 0; i < results_.size(); ++i)
        if (job_.rasters[i].definition.kind == "probabilities") return results_[i].partial_path;
    throw Error(Code::internal, "features without scores");
}

}  // namespace spectile::run
