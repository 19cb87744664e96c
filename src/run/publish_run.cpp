#include "run/publish_run.hpp"

#include <unistd.h>

#include <ctime>
#include <filesystem>

#include "core/text_file.hpp"
#include "kernels/target.hpp"
#include "products/assemble.hpp"
#include "products/publish.hpp"
#include "products/record.hpp"
#include "raster/gdal_setup.hpp"
#include "run/fill_report.hpp"
#include "spectile/error.hpp"
#include "spectile/version.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string where_of(const Job& job, const ProductDefinition& definition) {
    const std::string line = definition.mark.line > 0
                                 ? definition.mark.file + ":" + std::to_string(definition.mark.line) + ": "
                                 : "";
    return line + "products." + definition.kind + ": ";
}

products::AssembleJob assemble_job(const Job& job, const RasterOutput& raster, const Recipe& recipe,
                                   const Ledger& ledger, const std::string& work) {
    products::AssembleJob out;
    out.target = raster.definition.path;
    out.driver = raster.definition.format;
    out.options = raster.definition.options;
    out.where = where_of(job, raster.definition);
    out.grid = job.plan.output;
    out.format = raster.product->format();
    out.block = job.plan.block;
    out.threads = job.threads;
    out.recipe = recipe.sha256();
    out.model = job.card.name;
    out.model_sha256 = recipe.components.at("model").at("weights").get<std::string>();
    for (const auto& [index, entry] : ledger.parts()) {
        const auto& file = entry.products.at(raster.definition.kind);
        out.parts.push_back({work + "/" + file.file, job.plan.parts.part(index).window, file.blocks});
    }
    return out;
}

std::string utc(std::time_t time) {
    char text[32];
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

/// Who, where and how long: the part of the provenance that differs from run to run.
json execution_of(const Job& job, const InputHash& inputs, const RunReport& report) {
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    return {{"finished", utc(std::time(nullptr))},
            {"host", host},
            {"threads", job.threads},
            {"memory_budget_bytes", job.memory_bytes},
            {"seconds", report.seconds},
            {"stage_seconds", report.stage_seconds},
            {"tiles", report.tiles},
            {"tiles_empty", report.tiles_empty},
            {"parts_computed", report.parts},
            {"parts_reused", report.parts_reused},
            {"inputs", to_json(inputs)}};
}

/// What made the product: equal for equal products.
json provenance_of(const Job& job, const Recipe& recipe, const std::string& kind) {
    return {{"software",
             {{"spectile", kVersion}, {"gdal", gdal_version()}, {"instructions", kernels::target_name()}}},
            {"product", kind},
            {"recipe", recipe.sha256()},
            {"recipe_components", recipe.components},
            {"model", json::parse(job.card.canonical)},
            {"scene_bands_used", job.chain->band_table()},
            {"prepare", job.chain->describe()}};
}

/// Writes `text` for `target` into the folder of files that wait for publishing.
void stage(const std::string& folder, const std::string& target, const std::string& text,
           products::Publication& publication) {
    const std::string staged = folder + "/" + fs::path(target).filename().string();
    write_text_file(staged, text);
    publication.renames.emplace_back(staged, target);
}

/// A product whose files are there under the final name: its recipe, or empty where it has no record of ours.
std::string published_recipe(const std::string& path) {
    try {
        return products::read_record(path).recipe;
    } catch (const Error&) {
        return {};
    }
}

}  // namespace

bool already_published(const Job& job, const Recipe& recipe, const RunOptions& options) {
    if (options.overwrite) return false;
    const std::string wanted = recipe.sha256();
    std::size_t there = 0;
    for (const auto& raster : job.rasters) {
        const auto& path = raster.definition.path;
        if (!fs::exists(path)) continue;
        if (published_recipe(path) != wanted)
            throw Error(
                Code::publish,
                path + ": is there already, made with another recipe; give --overwrite, or write elsewhere");
        ++there;
    }
    for (const auto& other : job.others) there += fs::exists(other.path) ? 1 : 0;
    return there == job.rasters.size() + job.others.size();
}

void publish_run(const Job& job, const Recipe& recipe, const InputHash& inputs, const AuditResult& audit,
                 Ledger& ledger, const std::string& work, const RunOptions& options, RunReport& report) {
    if (options.progress)
        options.progress({"publish", 0, static_cast<std::int64_t>(job.rasters.size()), 0, 0});
    products::Publication publication, provenance;
    std::vector<products::ProductRecord> records;
    std::vector<products::AssembleResult> results;
    for (const auto& raster : job.rasters) {
        const auto assembly = assemble_job(job, raster, recipe, ledger, work);
        auto result = products::assemble(assembly);
        records.push_back(
            products::make_record(raster.definition.kind, recipe.sha256(), recipe.text(), assembly, result));
        publication.renames.insert(publication.renames.end(), result.renames.begin(), result.renames.end());
        publication.cleanups.push_back(result.temporary);
        for (const auto& stale : products::stale_sidecars(raster.definition.path, result.renames))
            publication.removals.push_back(stale);
        stage(result.temporary, products::record_path(raster.definition.path),
              products::to_json(records.back()), publication);
        report.products.push_back(raster.definition.path);
        results.push_back(std::move(result));
    }
    const std::string execution = execution_of(job, inputs, report).dump();
    for (std::size_t i = 0; i < job.rasters.size(); ++i) {
        const auto& raster = job.rasters[i];
        const auto text =
            products::provenance_text(provenance_of(job, recipe, raster.definition.kind).dump(), execution);
        stage(results[i].temporary, products::provenance_path(raster.definition.path), text, provenance);
    }
    for (const auto& other : job.others) {
        const fs::path target = other.path;
        const std::string folder = (target.parent_path() / (target.filename().string() + ".partial-" +
                                                            recipe.sha256().substr(0, 12)))
                                       .string();
        fs::create_directories(folder);
        publication.cleanups.push_back(folder);
        const auto text = other.kind == "provenance"
                              ? products::provenance_text(provenance_of(job, recipe, "run").dump(), execution)
                              : report_html(job, recipe, audit, results, report);
        stage(folder, other.path, text, publication);
        report.products.push_back(other.path);
    }
    publication.renames.insert(publication.renames.end(), provenance.renames.begin(),
                               provenance.renames.end());
    products::publish(publication, work + "/publish.json");
}

}  // namespace spectile::run
