#include "run/fill_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "kernels/target.hpp"
#include "products/pixel_area.hpp"
#include "products/report.hpp"
#include "spectile/version.hpp"

namespace spectile::run {
namespace {

std::string wavelength_text(const BandInfo& band, int number) {
    return band.wavelength_nm ? fmt::format("{:.0f} nm", *band.wavelength_nm)
                              : "band " + std::to_string(number);
}

/// The quick-look of the scene: three bands of its first raster.
void fill_scene(const Job& job, products::ReportData& data) {
    const SceneInfo& info = job.scene->info();
    std::vector<BandInfo> first;
    for (const auto& band : info.bands)
        if (band.raster == 0) first.push_back(band);
    const auto rgb = products::quicklook_bands(first);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& band = first[static_cast<std::size_t>(rgb[i] - 1)];
        data.scene_bands[i] = band.raster_band + 1;
        data.scene_caption += (i ? ", " : "") + wavelength_text(band, band.raster_band + 1);
    }
    data.scene = info.rasters.front().name;
    data.scene_window = job.plan.extent;
    data.open_options = job.scene_definition.open_options;
}

void fill_bands(const Job& job, products::ReportData& data) {
    const auto& read = job.chain->bands_read();
    if (read.size() != job.card.bands.size()) return;  // mixed or resampled: the chain's own table says how
    for (std::size_t i = 0; i < read.size(); ++i) {
        const ModelBand& wanted = job.card.bands[i];
        data.bands.push_back({wanted.name, wanted.wavelength_nm, read[i].name, read[i].wavelength_nm});
    }
}

void fill_map(const Job& job, const std::vector<products::AssembleResult>& rasters,
              products::ReportData& data) {
    for (std::size_t i = 0; i < rasters.size(); ++i) {
        const auto& kind = job.rasters[i].definition.kind;
        if (kind == "confidence") data.confidence = rasters[i].partial_path;
        if (rasters[i].pixels_of_value.empty() || !data.class_map.empty()) continue;
        data.class_map = rasters[i].partial_path;
        std::int64_t mapped = 0;
        for (const auto& info : job.card.classes) {
            const auto found = rasters[i].pixels_of_value.find(info.value);
            data.classes.push_back({info, found == rasters[i].pixels_of_value.end() ? 0 : found->second});
            mapped += data.classes.back().pixels;
        }
        data.pixels_nodata = job.product_grid().window().area() - mapped;
    }
}

void fill_facts(const Job& job, const RunReport& report, products::ReportData& data) {
    const SceneInfo& info = job.scene->info();
    data.title = job.card.name + " of " + info.stem;
    data.summary = job.card.summary;
    data.facts = {
        {"Size", fmt::format("{} x {} pixels", job.plan.extent.width, job.plan.extent.height)},
        {"Bands used", fmt::format("{} of {}", job.chain->source_bands().size(), info.bands.size())},
        {"Tiles", fmt::format("{} of {} x {}, halo {}", report.tiles, job.plan.tiles.tile_width,
                              job.plan.tiles.tile_height, job.plan.tiles.halo)},
        {"Time", fmt::format("{:.1f} s on {} thread(s)", report.seconds, job.threads)}};
    if (job.target)
        data.facts.emplace_back("Products", fmt::format("{} x {} pixels of {:.10g}", job.target->grid.width,
                                                        job.target->grid.height, job.target->resolution));
    for (const auto& [stage, seconds] : report.stage_seconds) data.timings.emplace_back(stage, seconds);
}

void fill_grid(const Job& job, products::ReportData& data) {
    const Grid& grid = job.product_grid();
    data.size = {grid.width, grid.height};
    data.scene_on_map = !job.target;
    if (grid.georeference.has_geotransform) data.geotransform = grid.georeference.geotransform;
    data.pixel_area_m2 = products::pixel_area_m2(grid);
}

/// What the audit found stands in its own table.
void fill_warnings(const Computed& computed, const RunReport& report, products::ReportData& data) {
    const auto& audited = computed.audit.warnings;
    if (computed.job.scene_definition.preview > 0)
        data.warnings.emplace_back(
            "A preview: every n-th pixel of the scene, so areas are estimates and small things are missing.");
    for (const auto& warning : audited) data.audit.push_back({"input", warning, true});
    std::copy_if(report.warnings.begin(), report.warnings.end(), std::back_inserter(data.warnings),
                 [&](const auto& warning) {
                     return std::find(audited.begin(), audited.end(), warning) == audited.end();
                 });
}

std::string provenance_line(const Job& job, const Recipe& recipe) {
    return nlohmann::json{{"spectile", kVersion},
                          {"recipe", recipe.sha256()},
                          {"model", job.card.name},
                          {"weights", recipe.components.at("model").at("weights")},
                          {"instructions", kernels::target_name()},
                          {"scene", job.scene->info().name}}
        .dump();
}

}  // namespace

std::string report_html(const Computed& computed, const std::vector<products::AssembleResult>& rasters,
                        const RunReport& report) {
    const Job& job = computed.job;
    products::ReportData data;
    fill_facts(job, report, data);
    fill_scene(job, data);
    fill_map(job, rasters, data);
    fill_grid(job, data);
    fill_bands(job, data);
    fill_warnings(computed, report, data);
    data.accuracy = job.card.accuracy;
    data.provenance = provenance_line(job, computed.recipe);
    return products::report_html(data);
}

}  // namespace spectile::run
