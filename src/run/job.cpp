#include "run/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "cluster/manifest.hpp"
#include "core/device.hpp"
#include "core/text_file.hpp"
#include "models/entries/registry.hpp"
#include "models/loader.hpp"
#include "pipeline/model_card.hpp"
#include "plan/make_plan.hpp"
#include "products/assemble.hpp"
#include "products/label_raster.hpp"
#include "products/parameters.hpp"
#include "products/upload.hpp"
#include "products/warp_parts.hpp"
#include "raster/aoi.hpp"
#include "raster/make_target_grid.hpp"
#include "raster/open_scene.hpp"
#include "run/machine.hpp"
#include "run/stac_item.hpp"
#include "run/staging.hpp"
#include "run/work_directory.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

void replace_stem(std::string& path, const std::string& stem) {
    constexpr std::string_view kStem = "{stem}";
    for (auto at = path.find(kStem); at != std::string::npos; at = path.find(kStem, at + stem.size()))
        path.replace(at, kStem.size(), stem);
}

void refuse_lossy_types(const Job& job) {
    if (job.lossy) return;
    for (const int index : job.chain->source_bands()) {
        const BandInfo& band = job.scene->info().bands[static_cast<std::size_t>(index)];
        if (band.type == DataType::Complex)
            throw Error(Code::scene,
                        job.scene->info().name + ": complex pixels cannot be used as network input");
        if (job.card.architecture == "identity" && !fits_float32(band.type))
            throw Error(Code::scene, job.scene->info().name + ": data type " +
                                         std::string(name_of(band.type)) +
                                         " does not fit float32; give --lossy to round its values");
    }
}

/// Detections and labels are read off the finished scores, which lie beside them where nothing else asks for
/// them.
std::vector<ProductDefinition> with_scores(std::vector<ProductDefinition> products) {
    const auto of_kind = [&](const char* kind) {
        return std::find_if(products.begin(), products.end(),
                            [&](const ProductDefinition& product) { return product.kind == kind; });
    };
    auto features = of_kind("detections");
    if (features == products.end()) features = of_kind("labels");
    if (features == products.end() || of_kind("probabilities") != products.end()) return products;
    ProductDefinition scores;
    scores.kind = "probabilities";
    scores.path = std::filesystem::path(features->path).replace_extension(".scores.tif").string();
    scores.mark = features->mark;
    products.push_back(scores);
    return products;
}

/// Fills in {stem}; what goes to an object store is made here first.
void place_product(Job& job, ProductDefinition& definition, const RunOptions& options) {
    replace_stem(definition.path, job.scene->info().stem);
    if (!products::is_bucket(definition.path)) return;
    const std::string object = definition.path;
    definition.path = staged_path(object, options);
    job.objects[definition.path] = object;
    if (definition.kind == "labels")
        job.objects[products::label_raster_path(definition.path)] = products::label_raster_path(object);
}

void make_products(Job& job, const Pipeline& pipeline, const RunOptions& options) {
    check_destinations(pipeline);
    const products::ProductContext context = job.product_context();
    for (ProductDefinition definition : with_scores(pipeline.products)) {
        place_product(job, definition, options);
        auto product = products::make_raster_product(definition, context);
        if (product) {
            const auto driver =
                definition.format.empty() ? products::default_driver(product->format()) : definition.format;
            products::check_creation_options(driver, definition.options,
                                             pipeline.file + ": products." + definition.kind + ": ");
            job.rasters.push_back({definition, std::move(product)});
        } else {
            if (definition.kind == "stac") stac_keys(definition);  // Refuses bad ones before work.
            job.others.push_back(definition);
        }
    }
    if (job.rasters.empty())
        throw Error(Code::definition, pipeline.file +
                                          ": products: no raster product is asked for; add class_map, "
                                          "probabilities, or another that fits the model's task");
}

/// A run that is resumed or merged keeps the part size that it was begun with, whatever memory or shards are
/// now.
int part_size_begun(const std::string& work) {
    const std::string file = work + "/run.json";
    if (!std::filesystem::exists(file)) return 0;
    const auto run = nlohmann::json::parse(read_text_file(file), nullptr, false);
    return run.is_object() && run.contains("parts") ? run.at("parts").at(0).get<int>() : 0;
}

/// Shards of one run must cut it alike, whatever each one's memory.
void take_part_size(Job& job, const std::string& manifest) {
    const int side = static_cast<int>(cluster::read_manifest(manifest).part);
    const int block = job.plan.block;
    if (job.tiling.part != 0 && (job.tiling.part + block - 1) / block * block != side)
        throw Error(Code::definition, manifest + ": has parts of " + std::to_string(side) +
                                          " pixels, the pipeline's tiling.part says " +
                                          std::to_string(job.tiling.part) +
                                          "; write it anew with spectile plan --manifest");
    job.tiling.part = side;
}

plan::PlanInputs plan_inputs(const Job& job, int shards) {
    const auto& info = job.scene->info();
    plan::PlanInputs in;
    in.scene = info.grid;
    in.storage = info.rasters.front();
    in.source_value_bytes = 1;
    for (const int band : job.chain->source_bands())
        in.source_value_bytes =
            std::max(in.source_value_bytes, size_of(info.bands[static_cast<std::size_t>(band)].type));
    in.bands_read = static_cast<int>(job.chain->source_bands().size());
    in.bands_model = static_cast<int>(job.chain->bands().size());
    in.bands_widest = job.chain->widest();
    in.traits = job.traits;
    in.tiling = job.tiling;
    in.extent = aoi_extent(*job.scene, job.scene_definition.aoi);
    for (const auto& raster : job.rasters) {
        const auto& format = raster.product->format();
        const bool counts = raster.product->source() == products::Source::support;  // Held as float32.
        in.products.push_back({format.bands, counts ? sizeof(float) : size_of(format.type)});
    }
    in.libtorch = job.libtorch;
    in.threads = job.threads;
    in.batch = job.on_cuda && job.traits.batches ? kMostTilesAtOnce : 1;
    in.memory_bytes = job.memory_bytes;
    in.shards = shards;
    return in;
}

/// A card that lists no bands takes them by position; then their number is all there is to compare.
void require_bands(const Job& job) {
    const std::size_t enter = job.chain->bands().size();
    if (job.traits.bands == 0 || enter == static_cast<std::size_t>(job.traits.bands)) return;
    throw Error(
        Code::scene,
        fmt::format("{}: {} bands enter the model '{}', which reads {}; choose them with -b or scene: "
                    "{{bands: [...]}}",
                    job.scene->info().name, enter, job.card.name, job.traits.bands));
}

/// A blend of neighbours is no tile's own label.
void refuse_blended_labels(const Job& job) {
    for (const auto& other : job.others)
        if (other.kind == "labels" && job.plan.tiles.blend != Blend::none)
            throw Error(Code::definition, products::where(other) +
                                              "tiles have labels of their own only where they are not "
                                              "blended; leave tiling.blend out");
}

/// Warped, a product lies uncompressed beside what it is assembled into, one at a time.
void aim_at(Job& job, const TargetDefinition& definition) {
    job.target = make_target_grid(job.plan.output, definition, job.scene->info().name);
    std::size_t most = 0, all = 0;
    for (const auto& raster : job.rasters) {
        const auto& format = raster.product->format();
        products::check_warp(format, *job.target, products::where(raster.definition));
        const std::size_t pixel = static_cast<std::size_t>(format.bands) * size_of(format.type);
        most = std::max(most, pixel);
        all += pixel;
    }
    job.plan.scratch_bytes += (most + all * 4 / 3) * static_cast<std::size_t>(job.target->grid.width) *
                              static_cast<std::size_t>(job.target->grid.height);
}

}  // namespace

std::string product_path(const Pipeline& pipeline, const SceneDefinition& scene, const std::string& kind) {
    const auto product = std::find_if(pipeline.products.begin(), pipeline.products.end(),
                                      [&](const ProductDefinition& one) { return one.kind == kind; });
    std::string path = product->path;
    replace_stem(path, scene_stem(scene.paths.front()));
    return path;
}

products::ProductContext Job::product_context() const {
    return {card, traits, scene->info(), chain->bands(), lossy};
}

bool Job::wants_support() const {
    return std::any_of(rasters.begin(), rasters.end(), [](const RasterOutput& raster) {
        return raster.product->source() == products::Source::support;
    });
}

Job open_job(const Pipeline& pipeline, const SceneDefinition& scene, const RunOptions& options, int shards) {
    Job job;
    job.pipeline_file = pipeline.file;
    job.scene_definition = scene;
    job.tiling = pipeline.tiling;
    job.lossy = pipeline.lossy;
    job.scratch = options.scratch;
    job.threads = options.threads > 0 ? options.threads : available_threads();
    job.memory_bytes = options.memory_bytes > 0 ? options.memory_bytes : default_memory_budget();
    job.card = read_model_card(pipeline.model);
    job.card.precision = pipeline.precision;
    job.card.flips = pipeline.flips;
    job.scene = open_scene(scene);
    job.chain =
        std::make_unique<prepare::Chain>(prepare::make_chain(job.scene->info(), pipeline.prepare, job.card));
    job.traits = traits_of(job.card);
    job.libtorch = opens_module(job.card, options.device);
    job.on_cuda = job.libtorch && goes_to_cuda(options.device);
    if (job.chain->depends_on_tile()) {
        job.traits.local = false;         // Windows are whole tiles, the same ones for every part.
        job.traits.whole_spectra = true;  // A nodata value would be a tile's least.
    }
    require_bands(job);
    refuse_lossy_types(job);
    make_products(job, pipeline, options);
    if (!options.manifest.empty()) take_part_size(job, options.manifest);
    if (job.tiling.part == 0 && !options.restart)
        job.tiling.part = part_size_begun(WorkDirectory::path_for(job, options));
    job.plan = plan::make_plan(plan_inputs(job, shards));
    refuse_blended_labels(job);
    if (pipeline.target) aim_at(job, *pipeline.target);
    return job;
}

}  // namespace spectile::run
