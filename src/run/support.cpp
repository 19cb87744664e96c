#include "run/support.hpp"

#include <algorithm>

#include "products/raster_product.hpp"

namespace spectile::run {
namespace {

enum Channel { tiles, dates, bands, scene };

}  // namespace

SupportReader::SupportReader(const Scene& scene, std::span<const int> bands)
    : scene_(scene), bands_(bands.begin(), bands.end()), reader_(scene.reader()) {}

void SupportReader::count_bands(const Window& window, Prediction& out) {
    const auto per_date = static_cast<int>(scene_.info().bands.size()) / scene_.info().dates;
    std::vector<std::vector<std::uint8_t>> any(static_cast<std::size_t>(scene_.info().dates),
                                               std::vector<std::uint8_t>(out.pixels()));
    const auto measured = out.channel(bands);
    for (const int band : bands_) {
        reader_->read(window, {&band, 1}, cube_);
        auto& date = any[static_cast<std::size_t>(band / per_date)];
        for (std::size_t i = 0; i < out.pixels(); ++i) {
            measured[i] += cube_.valid[i];
            date[i] |= cube_.valid[i];
        }
    }
    for (const auto& date : any)
        for (std::size_t i = 0; i < out.pixels(); ++i) out.channel(dates)[i] += date[i];
}

void SupportReader::read(const Window& window, const Prediction* fed, Prediction& out) {
    out.reset(window, products::kSupportChannels);
    std::fill(out.values.begin(), out.values.end(), 0.0F);
    std::fill(out.valid.begin(), out.valid.end(), std::uint8_t{1});
    count_bands(window, out);
    if (!fed) return;
    for (auto y = window.y; y < window.bottom(); ++y)
        for (auto x = window.x; x < window.right(); ++x) {
            const auto at =
                static_cast<std::size_t>((y - fed->window.y) * fed->window.width + x - fed->window.x);
            const auto to = static_cast<std::size_t>((y - window.y) * window.width + x - window.x);
            out.channel(tiles)[to] = out.channel(scene)[to] = fed->valid[at];
        }
}

}  // namespace spectile::run
