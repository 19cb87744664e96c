#include "raster/stacked_scene.hpp"

#include <algorithm>
#include <cstring>

#include "gdal/errors.hpp"
#include "raster/source_reader.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

class StackedReader final : public SceneReader {
public:
    StackedReader(const StackedScene& scene, std::span<const RasterSource> sources)
        : scene_(scene), sources_(sources), readers_(sources.size()) {
        for (const auto& area : scene.masks().areas) areas_.emplace_back(area);
    }

    void read(const Window& window, std::span<const int> bands, Cube& out) override {
        const SceneInfo& info = scene_.info();
        if (window.empty() || !info.grid.window().contains(window))
            throw Error(Code::internal, "window " + to_string(window) + " leaves the scene " + info.name);
        out.reset(window, static_cast<int>(bands.size()));
        std::memset(out.valid.data(), 1, out.valid.size());
        for (std::size_t first = 0; first < bands.size();) {
            const std::size_t count = run_of_raster(bands.subspan(first));
            read_run(bands.subspan(first, count), static_cast<int>(first), out);
            first += count;
        }
        for (auto& area : areas_) area.clear_outside(window, out.valid.data());
        fold_mask(window, out);
    }

private:
    const BandInfo& band_of(int band) const {
        const auto& bands = scene_.info().bands;
        if (band < 0 || static_cast<std::size_t>(band) >= bands.size())
            throw Error(Code::internal,
                        "band " + std::to_string(band + 1) + " is not in the scene " + scene_.info().name);
        return bands[static_cast<std::size_t>(band)];
    }

    /// How many of the first bands lie in one raster.
    std::size_t run_of_raster(std::span<const int> bands) const {
        const int raster = band_of(bands[0]).raster;
        std::size_t count = 1;
        while (count < bands.size() && band_of(bands[count]).raster == raster) ++count;
        return count;
    }

    void read_run(std::span<const int> bands, int first_plane, Cube& out) {
        const auto raster = static_cast<std::size_t>(band_of(bands[0]).raster);
        if (!readers_[raster]) readers_[raster] = make_source_reader(sources_[raster]);
        numbers_.clear();
        planes_.clear();
        for (std::size_t i = 0; i < bands.size(); ++i) {
            numbers_.push_back(band_of(bands[i]).raster_band);
            planes_.push_back(out.band(first_plane + static_cast<int>(i)).data());
        }
        readers_[raster]->read(out.window, numbers_, {planes_, out.valid.data()});
    }

    void fold_mask(const Window& window, Cube& out) {
        const auto& mask = scene_.masks().mask;
        if (!mask) return;
        if (!mask_reader_) mask_reader_ = make_gdal_reader(*mask);
        mask_values_.resize(out.pixels());
        float* plane = mask_values_.data();
        static constexpr int kFirst = 0;
        mask_reader_->read(window, {&kFirst, 1}, {{&plane, 1}, out.valid.data()});
        for (std::size_t i = 0; i < out.pixels(); ++i)
            out.valid[i] = static_cast<std::uint8_t>(out.valid[i] & (mask_values_[i] != 0.0F));
    }

    const StackedScene& scene_;
    std::span<const RasterSource> sources_;
    std::vector<std::unique_ptr<SourceReader>> readers_;
    std::vector<AreaReader> areas_;
    std::unique_ptr<SourceReader> mask_reader_;
    std::vector<float> mask_values_;
    std::vector<int> numbers_;
    std::vector<float*> planes_;
};

}  // namespace

StackedScene::StackedScene(SceneInfo info, std::vector<RasterSource> sources, SceneMasks masks)
    : info_(std::move(info)),
      sources_(std::move(sources)),
      stored_(sources_),
      masks_(std::move(masks)),
      datasets_(sources_.size()) {
    for (auto& source : stored_)
        for (auto& band : source.bands) band.nodata = {.keep_nonfinite = true};
}

std::unique_ptr<SceneReader> StackedScene::reader() const {
    return std::make_unique<StackedReader>(*this, sources_);
}

std::unique_ptr<SceneReader> StackedScene::raw_reader() const {
    return std::make_unique<StackedReader>(*this, stored_);
}

bool StackedScene::may_be_valid(const Window& window) const {
    const Window inside = intersect(window, info_.grid.window());
    if (inside.empty()) return false;
    for (const auto& area : masks_.areas)
        if (intersect(inside, area->extent()).empty()) return false;
    for (std::size_t raster = 0; raster < sources_.size(); ++raster)
        if (surely_empty(raster, inside)) return false;
    return true;
}

bool StackedScene::surely_empty(std::size_t raster, const Window& w) const {
    const RasterSource& source = sources_[raster];
    if (source.raw) return false;
    const auto has_nodata = [](const SourceBand& band) { return band.nodata.present; };
    // Blocks that are not stored read as nodata where it is declared; elsewhere as zeros, which are
    // measurements.
    if (!std::all_of(source.bands.begin(), source.bands.end(), has_nodata)) return false;
    const std::lock_guard lock(mutex_);
    GdalErrors quiet;  // Doubt is not emptiness: the read itself will tell.
    if (!datasets_[raster]) datasets_[raster] = open_raster(source.name, source.open_options);
    GDALDataset& dataset = *datasets_[raster];
    for (int band = 1; band <= dataset.GetRasterCount(); ++band) {
        const int status = dataset.GetRasterBand(band)->GetDataCoverageStatus(
            static_cast<int>(w.x), static_cast<int>(w.y), static_cast<int>(w.width),
            static_cast<int>(w.height), 0, nullptr);
        if (status != GDAL_DATA_COVERAGE_STATUS_EMPTY) return false;
    }
    return true;
}

}  // namespace spectile
