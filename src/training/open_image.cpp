#include "training/open_image.hpp"

#include "prepare/statistics.hpp"
#include "raster/open_scene.hpp"

namespace spectile::training {
namespace {

constexpr std::int64_t kImageRows = 256;

}  // namespace

void open_image(const IndexEntry& entry, const ModelCard& card, OpenImage& image) {
    image.scene = open_scene(entry.scene);
    const Window whole = image.scene->info().grid.window();
    image.window = intersect(entry.window.value_or(whole), whole);
    image.chain.emplace(prepare::make_chain(image.scene->info(), {}, card));
    image.reader = image.scene->reader();
    for (std::size_t step = 0; step < image.chain->links().size(); ++step)
        if (!image.chain->links()[step].ready) image.steps.push_back(step);
}

void set_crop_statistics(OpenImage& image, const Cube& cube) {
    for (const auto step : image.steps) {
        Cube seen = cube;
        image.chain->apply_prefix(seen, step);
        auto statistics = prepare::finish(prepare::moments_of(seen));
        if (image.chain->step(step).needs() == Needs::histogram) prepare::count_values(seen, statistics);
        image.chain->set_statistics(step, statistics);
    }
}

void set_image_statistics(OpenImage& image) {
    Cube cube;
    const auto each_strip = [&](std::size_t step, const auto& use) {
        for (std::int64_t y = image.window.y; y < image.window.bottom(); y += kImageRows) {
            const Window strip{image.window.x, y, image.window.width, kImageRows};
            image.reader->read(intersect(strip, image.window), image.chain->source_bands(), cube);
            image.chain->apply_prefix(cube, step);
            use();
        }
    };
    for (const auto step : image.steps) {
        std::vector<prepare::BandMoments> moments;
        each_strip(step, [&] { prepare::merge(moments, prepare::moments_of(cube)); });
        auto statistics = prepare::finish(moments);
        if (image.chain->step(step).needs() == Needs::histogram)
            each_strip(step, [&] { prepare::count_values(cube, statistics); });
        image.chain->set_statistics(step, statistics);
    }
}

}  // namespace spectile::training
