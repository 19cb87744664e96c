#include "run/statistics.hpp"

#include <tbb/parallel_pipeline.h>

#include <functional>
#include <memory>

#include "core/pool.hpp"
#include "prepare/statistics.hpp"
#include "run/statistics_store.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

/// Side of the windows that statistics are reduced over; fixed, so that the order of the sums is.
constexpr std::int64_t kBlock = 256;

/// Reads the extent block by block, prepares each up to step `n`, and hands `visit` the cubes' figures in
/// block order.
template <typename Figures>
void over_blocks(const Job& job, std::size_t n, const RunOptions& options,
                 const std::function<Figures(const Cube&)>& look,
                 const std::function<void(Figures&&)>& merge) {
    const Window& extent = job.plan.extent;
    const std::int64_t columns = (extent.width + kBlock - 1) / kBlock;
    const std::int64_t count = columns * ((extent.height + kBlock - 1) / kBlock);
    Pool<std::unique_ptr<SceneReader>> readers([&] { return job.scene->reader(); });
    std::int64_t next = 0;
    bool stopped = false;
    using Item = std::shared_ptr<Figures>;
    tbb::parallel_pipeline(
        static_cast<std::size_t>(job.plan.tokens),
        tbb::make_filter<void, std::int64_t>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& flow) {
            stopped = stopped || (options.stop && options.stop->load());
            if (stopped || next == count) flow.stop();
            return next++;
        }) & tbb::make_filter<std::int64_t, Item>(tbb::filter_mode::parallel, [&](std::int64_t block) {
            const Window cell{extent.x + block % columns * kBlock, extent.y + block / columns * kBlock,
                              kBlock, kBlock};
            Cube cube;
            readers.with([&](const auto& reader) {
                reader->read(intersect(cell, extent), job.chain->source_bands(), cube);
            });
            job.chain->apply_prefix(cube, n);
            return std::make_shared<Figures>(look(cube));
        }) & tbb::make_filter<Item, void>(tbb::filter_mode::serial_in_order, [&](const Item& figures) {
            merge(std::move(*figures));
        }));
    if (stopped)
        throw Error(
            Code::interrupted,
            job.scene->info().name + ": stopped while working out statistics; run the same command again");
}

std::vector<BandStatistics> statistics_of(const Job& job, std::size_t step, const RunOptions& options) {
    using prepare::BandMoments;
    using Histograms = std::vector<BandStatistics>;
    std::vector<BandMoments> moments;
    over_blocks<std::vector<BandMoments>>(
        job, step, options, [](const Cube& cube) { return prepare::moments_of(cube); },
        [&](std::vector<BandMoments>&& block) { prepare::merge(moments, block); });
    Histograms bands = prepare::finish(moments);
    if (job.chain->step(step).needs() != Needs::histogram) return bands;
    const Histograms empty = bands;
    over_blocks<Histograms>(
        job, step, options,
        [&](const Cube& cube) {
            Histograms own = empty;
            prepare::count_values(cube, own);
            return own;
        },
        [&](Histograms&& block) { prepare::merge_histograms(bands, block); });
    return bands;
}

}  // namespace

void collect_statistics(Job& job, const std::string& work, const RunOptions& options) {
    while (const auto step = job.chain->next_statistics_step()) {
        auto bands = stored_statistics(work, *step);
        if (!bands) {
            bands = statistics_of(job, *step, options);
            store_statistics(work, *step, *bands);
        }
        job.chain->set_statistics(*step, *bands);
    }
}

}  // namespace spectile::run
