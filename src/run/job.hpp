#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prepare/chain.hpp"
#include "products/raster_product.hpp"
#include "spectile/module.hpp"
#include "spectile/run.hpp"
#include "spectile/target_grid.hpp"

namespace spectile::run {

/// In a batch for a device: more would wait longer for their reading than the device gains.
constexpr int kMostTilesAtOnce = 16;

/// A raster product as defined and as made.
struct RasterOutput {
    ProductDefinition definition;
    std::unique_ptr<products::RasterProduct> product;
};

/// Everything that one scene's run follows from, opened and checked; nothing has been read yet.
struct Job {
    std::string pipeline_file;
    SceneDefinition scene_definition;
    std::unique_ptr<Scene> scene;
    ModelCard card;
    ModelTraits traits;
    std::unique_ptr<prepare::Chain> chain;
    std::vector<RasterOutput> rasters;
    std::vector<ProductDefinition> others;       ///< Report, provenance, ...: made from the finished rasters.
    std::map<std::string, std::string> objects;  ///< Of products that go to an object store: by local path.
    Tiling tiling;
    Plan plan;
    /// Where raster products are brought to; empty: they stay as they are.
    std::optional<TargetGrid> target;
    std::string scratch;  ///< Node-local folder in which parts are written first; empty: where they stay.
    int threads = 1;
    std::uint64_t memory_bytes = 0;
    bool libtorch = true;  ///< The model runs by it.
    bool on_cuda = false;  ///< On a CUDA device.
    bool lossy = false;

    /// The name under which a product is found in the end.
    const std::string& published_name(const std::string& path) const {
        const auto object = objects.find(path);
        return object == objects.end() ? path : object->second;
    }
    /// The grid of the raster products.
    const Grid& product_grid() const { return target ? target->grid : plan.output; }
    /// What a product may ask; refers to this job.
    products::ProductContext product_context() const;
    /// Whether a product is made from what the pixels rest on.
    bool wants_support() const;
};

/// Opens scene and card, matches bands, makes products and the plan.
/// Throws what the parts throw: missing or unusable scenes, cards, bands that do not fit, budgets that are
/// too small.
Job open_job(const Pipeline& pipeline, const SceneDefinition& scene, const RunOptions& options,
             int shards = 1);

/// Where a scene's product of this kind is written, `{stem}` filled in. `kind` is one that the pipeline
/// names.
std::string product_path(const Pipeline& pipeline, const SceneDefinition& scene, const std::string& kind);

}  // namespace spectile::run
