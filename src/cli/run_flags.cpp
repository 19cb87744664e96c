#include "cli/run_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/instructions.hpp"
#include "cli/process.hpp"
#include "cli/status_file.hpp"
#include "raster/gdal_setup.hpp"
#include "run/machine.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

const std::set<std::string> kRasterKinds = {"class_map",  "probabilities", "confidence", "mask",
                                            "change_map", "bands",         "coverage"};

[[noreturn]] void refuse(const std::string& message) { throw Error(Code::usage, message); }

int whole(const std::string& text, const std::string& option) {
    int value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size() || value < 1)
        refuse(option + ": '" + text + "' is no band; bands are counted from 1, as in 3 or 4-9");
    return value;
}

std::vector<ProductDefinition*> rasters_of(Pipeline& pipeline) {
    std::vector<ProductDefinition*> rasters;
    for (auto& product : pipeline.products)
        if (kRasterKinds.contains(product.kind)) rasters.push_back(&product);
    return rasters;
}

void set_parameter(ProductDefinition& product, const char* key, const nlohmann::json& value) {
    auto parameters = nlohmann::json::parse(product.parameters);
    parameters[key] = value;
    product.parameters = parameters.dump();
}

double number(const std::string& text, const std::string& option) {
    std::size_t used = 0;
    double value = 0;
    try {
        value = std::stod(text, &used);
    } catch (const std::exception&) {
        used = 0;
    }
    if (used == 0 || used != text.size()) refuse(option + ": '" + text + "' is no number");
    return value;
}

/// `[PRODUCT:]NAME=VALUE`; the product's name is needed where there are several rasters.
void add_creation_option(const std::string& text, const std::vector<ProductDefinition*>& rasters) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) refuse("--co '" + text + "' needs the form NAME=VALUE");
    const auto colon = text.substr(0, equals).find(':');
    std::string kinds;
    for (auto* raster : rasters) {
        kinds += (kinds.empty() ? "" : ", ") + raster->kind;
        if (colon == std::string::npos ? rasters.size() == 1 : raster->kind == text.substr(0, colon)) {
            raster->options.push_back(colon == std::string::npos ? text : text.substr(colon + 1));
            return;
        }
    }
    refuse("--co '" + text + "' needs the form PRODUCT:NAME=VALUE; rasters of this run: " + kinds);
}

/// The definition's word for a data type that may be spelt as GDAL does: Byte, Float32.
std::string type_key(std::string type) {
    std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::tolower(c); });
    return type == "byte" ? "uint8" : type;
}

void apply_to_products(const RunFlags& flags, Pipeline& pipeline) {
    const auto rasters = rasters_of(pipeline);
    for (auto* raster : rasters) {
        if (!flags.format.empty()) raster->format = flags.format;
        if (!flags.type.empty()) set_parameter(*raster, "type", type_key(flags.type));
        if (!flags.nodata.empty()) set_parameter(*raster, "nodata", number(flags.nodata, "--nodata"));
    }
    for (const auto& text : flags.creation_options) add_creation_option(text, rasters);
}

void apply_to_scene(const RunFlags& flags, SceneDefinition& scene) {
    if (!flags.bands.empty()) scene.bands = parse_bands(flags.bands);
    scene.open_options.insert(scene.open_options.end(), flags.open_options.begin(), flags.open_options.end());
    if (!flags.window.empty()) {
        scene.aoi = {};
        scene.aoi.window = Window{flags.window[0], flags.window[1], flags.window[2], flags.window[3]};
    }
    if (!flags.bbox.empty()) {
        scene.aoi = {};
        scene.aoi.bbox = {flags.bbox[0], flags.bbox[1], flags.bbox[2], flags.bbox[3]};
        scene.aoi.bbox_crs = flags.bbox_crs;
    }
}

void declare_gdal_flags(CLI::App& app, RunFlags& flags) {
    const char* group = "As in gdal raster";
    app.add_option("-b,--band", flags.bands, "Bands of the scene, from 1: 3 or 4-9; may be repeated")
        ->type_name("BAND")
        ->allow_extra_args(false)
        ->group(group);
    auto* window = app.add_option("--window", flags.window, "Part of the scene in pixels")
                       ->type_name("COL,ROW,WIDTH,HEIGHT")
                       ->expected(4)
                       ->delimiter(',')
                       ->group(group);
    auto* bbox = app.add_option("--bbox", flags.bbox, "Part of the scene in coordinates")
                     ->type_name("XMIN,YMIN,XMAX,YMAX")
                     ->expected(4)
                     ->delimiter(',')
                     ->group(group)
                     ->excludes(window);
    app.add_option("--bbox-crs", flags.bbox_crs, "CRS of --bbox; else the scene's")
        ->type_name("CRS")
        ->needs(bbox)
        ->group(group);
    app.add_option("--of", flags.format, "Format of raster products: COG or a GDAL driver")
        ->type_name("FORMAT")
        ->group(group);
    app.add_option("--ot", flags.type, "Data type of raster products, where the product lets it be chosen")
        ->type_name("TYPE")
        ->group(group);
    app.add_option("--nodata", flags.nodata,
                   "Nodata value of raster products, where the product lets it be chosen")
        ->type_name("VALUE")
        ->group(group);
    app.add_option("--oo", flags.open_options, "Open option of the scene's driver; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--co", flags.creation_options,
                   "Creation option, PRODUCT:NAME=VALUE where there are several rasters; may be repeated")
        ->type_name("[PRODUCT:]NAME=VALUE")
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--config", flags.config, "GDAL configuration option; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false)
        ->group(group);
}

}  // namespace

void declare_run_flags(CLI::App& app, RunFlags& flags) {
    const char* group = "Run";
    auto& options = flags.options;
    app.add_option("--set", flags.settings, "Any key of the pipeline, new ones too; may be repeated")
        ->type_name("KEY.PATH=VALUE")
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--work", options.work, "Work directory; else .NAME.spectile beside the first product")
        ->type_name("DIR")
        ->group(group);
    app.add_option(
           "--scratch", options.scratch,
           "Node-local folder in which files are written first; else what the scheduler gives its tasks")
        ->type_name("DIR")
        ->group(group);
    app.add_option("--memory", flags.memory,
                   "Most memory to use, as 2GiB; else what machine, cgroup and Slurm allow")
        ->type_name("BYTES")
        ->group(group);
    app.add_option("--threads", options.threads, "Threads; else what affinity, cgroup and Slurm allow")
        ->type_name("N")
        ->check(CLI::Range(1, 4096))
        ->group(group);
    app.add_option("--device", options.device, "auto, cpu, cuda or cuda:0,1")
        ->type_name("DEVICE")
        ->capture_default_str()
        ->group(group);
    app.add_option("--shard", options.shard,
                   "This process's share of the parts, K from 1; with --manifest also K,L,M-P, or auto: the "
                   "scheduler's array index")
        ->type_name("K/N|LIST|auto")
        ->group(group);
    app.add_option("--manifest", options.manifest,
                   "How the parts are shared out: written by plan, read by run, merge and plan --missing")
        ->type_name("FILE")
        ->group(group);
    app.add_option(
           "--failed-tiles", options.failed_tiles,
           "Tiles that may fail to be read: left nodata and listed, exit 79; else the first ends the run")
        ->type_name("N")
        ->check(CLI::Range(0, 1000000000))
        ->capture_default_str()
        ->group(group);
    app.add_flag("--restart", options.restart, "Throw earlier parts of this run away")->group(group);
    app.add_flag("--overwrite", options.overwrite, "Replace products of another recipe")->group(group);
    app.add_flag("--keep", options.keep, "Keep the work directory after publishing")->group(group);
    app.add_flag("--strict", options.strict, "Warnings of the scene end the run")->group(group);
    app.add_flag("--lossy", flags.lossy, "Accept data types that float32 does not hold exactly")
        ->group(group);
    app.add_option("--status", options.status_file, "Progress as JSON lines")
        ->type_name("FILE")
        ->group(group);
    auto* results =
        app.add_option("--results", flags.results, "Of several scenes: table (CSV) of what came of each")
            ->type_name("FILE")
            ->group(group);
    app.add_option("--only", flags.only,
                   "Only scenes that --results does not name (new), says failed (failed), or both (open)")
        ->type_name("WHICH")
        ->check(CLI::IsMember({"new", "failed", "open"}))
        ->needs(results)
        ->group(group);
    app.add_option("--metrics", flags.metrics,
                   "Progress as a text file for Prometheus; a shard's has its number in the name")
        ->type_name("FILE")
        ->group(group);
    app.add_option(
           "--time-limit", flags.time_limit,
           "Stop cleanly after this time, as 2h; else what Slurm leaves; resume with the same command")
        ->type_name("TIME")
        ->group(group);
    app.add_option(
           "--grace", flags.grace,
           "How long before the limit to stop, and how long after a signal to wait for tiles in flight")
        ->type_name("TIME")
        ->capture_default_str()
        ->group(group);
    declare_instructions(app);
    declare_gdal_flags(app, flags);
}

RunOptions run_options(const RunFlags& flags, Console& console) {
    RunOptions options = flags.options;
    if (!flags.memory.empty()) options.memory_bytes = run::parse_bytes(flags.memory);
    options.grace_s = parse_duration("--grace", flags.grace);
    if (!flags.time_limit.empty()) {
        const double limit_s = parse_duration("--time-limit", flags.time_limit);
        if (limit_s <= options.grace_s)
            refuse("--time-limit " + flags.time_limit + " must exceed --grace " + flags.grace);
        options.time_limit_s = limit_s - options.grace_s;
    } else if (const auto left_s = run::granted_seconds()) {
        options.time_limit_s = std::max(1.0, *left_s - options.grace_s);
    }
    options.stop = &stop_flag();
    std::shared_ptr<StatusFile> status;
    if (!options.status_file.empty()) status = std::make_shared<StatusFile>(options.status_file);
    options.progress = [&console, status](const RunProgress& progress) {
        console.progress(progress);
        if (status) status->add(progress);
    };
    return options;
}

void apply_run_flags(const RunFlags& flags, Pipeline& pipeline) {
    for (const auto& text : flags.config) set_gdal_option(text);
    pipeline.lossy = pipeline.lossy || flags.lossy;
    for (auto& scene : pipeline.scenes) apply_to_scene(flags, scene);
    apply_to_products(flags, pipeline);
}

double parse_duration(const std::string& option, const std::string& text) {
    const auto end = text.find_first_not_of("0123456789.");
    const std::string unit = end == std::string::npos ? "s" : text.substr(end);
    const double factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
    if (factor == 0 || end == 0) refuse(option + ": '" + text + "' is no time; write 30s, 90m, 2h or 1d");
    return factor * number(text.substr(0, end), option);
}

std::vector<int> parse_bands(const std::vector<std::string>& texts) {
    std::vector<int> bands;
    for (const auto& text : texts)
        for (const auto& piece : CLI::detail::split(text, ',')) {
            const auto dash = piece.find('-', 1);
            const int first = whole(piece.substr(0, dash), "--band");
            const int last = dash == std::string::npos ? first : whole(piece.substr(dash + 1), "--band");
            if (last < first || last - first > 100000)
                refuse("--band '" + piece + "' runs backwards or too far");
            for (int band = first; band <= last; ++band) bands.push_back(band);
        }
    return bands;
}

}  // namespace spectile::cli
