#include "cli/training_page.hpp"

#include "products/report.hpp"
#include "products/training_report.hpp"
#include "raster/open_scene.hpp"

namespace spectile::cli {
namespace {

/// Three bands of the scene's first raster, from 1, as the raster numbers them.
std::array<int, 3> picture_bands(const SceneInfo& info) {
    std::vector<BandInfo> first;
    for (const auto& band : info.bands)
        if (band.raster == 0) first.push_back(band);
    std::array<int, 3> bands = products::quicklook_bands(first);
    for (int& band : bands) band = first.at(static_cast<std::size_t>(band - 1)).raster_band + 1;
    return bands;
}

}  // namespace

std::string training_page(const Training& training, const TrainingResult& result) {
    products::TrainingReport report;
    report.title =
        (training.split.is_cross_validation() ? "Cross-validation: " : "Training: ") + training.name;
    report.summary = training.summary;
    report.warnings = result.warnings;
    report.classes = training.classes;
    if (!training.pretraining) report.accuracy = result.accuracy;
    report.record = result.record;
    for (const auto& definition : training.scenes) {
        const auto scene = open_scene(definition);
        products::JudgedScene judged;
        judged.name = scene->info().rasters.front().name;
        judged.open_options = definition.open_options;
        judged.bands = picture_bands(scene->info());
        judged.width = scene->info().grid.width;
        judged.height = scene->info().grid.height;
        report.scenes.push_back(std::move(judged));
    }
    for (const auto& pixel : result.judged)
        report.scenes.at(static_cast<std::size_t>(pixel.scene)).pixels.push_back(pixel);
    return products::training_html(report);
}

}  // namespace spectile::cli
