#include "run/stream.hpp"

#include <tbb/parallel_pipeline.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <tuple>

#include "core/pool.hpp"
#include "run/parallel.hpp"
#include "run/part_output.hpp"
#include "run/part_tiles.hpp"
#include "run/worker.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

using Clock = std::chrono::steady_clock;

/// Some tiles of one part, on their way.
struct Ticket {
    std::int64_t part = 0;
    bool first = false, last = false;  ///< Whether the part's first and last tiles are among them.
    std::vector<TileResult> results;   ///< As many as a batch; at the end of a part, fewer.
};

/// Hands out the tiles of the parts, in order, a batch at a time. A part's tiles are listed when it is
/// reached, so a plan of ten million tiles costs one part's worth of memory.
class TileSource {
public:
    TileSource(const Job& job, const std::vector<std::int64_t>& parts, int batch)
        : job_(job), parts_(parts), batch_(static_cast<std::size_t>(batch)) {}

    bool next(Ticket& ticket) {
        while (position_ == tiles_.size()) {
            if (next_part_ == parts_.size()) return false;
            part_ = job_.plan.parts.part(parts_[next_part_++]);
            tiles_ = tiles_of_part(job_.plan, part_, job_.traits.local);
            position_ = 0;
        }
        const std::size_t count = std::min(batch_, tiles_.size() - position_);
        ticket = {part_.index, position_ == 0, position_ + count == tiles_.size(), {}};
        ticket.results.resize(count);
        for (auto& result : ticket.results) std::tie(result.tile, result.window) = tiles_[position_++];
        return true;
    }

private:
    const Job& job_;
    const std::vector<std::int64_t>& parts_;
    std::size_t batch_, next_part_ = 0, position_ = 0;
    Part part_;
    std::vector<std::pair<Tile, Window>> tiles_;
};

/// Takes results in order and keeps the part that is being filled.
class PartSink {
public:
    PartSink(const StreamTask& task, std::int64_t tiles) : task_(task), total_(tiles), begin_(Clock::now()) {}

    void take(Ticket& ticket) {
        const auto before = Clock::now();
        if (ticket.first) {
            std::vector<Window> expected;
            const Part part = task_.job.plan.parts.part(ticket.part);
            for (const auto& [_, window] : tiles_of_part(task_.job.plan, part, task_.job.traits.local))
                expected.push_back(window);
            output_ = std::make_unique<PartOutput>(task_.job, part, task_.work, expected);
        }
        for (auto& result : ticket.results) {
            output_->add(result);
            ++report_.tiles;
            report_.tiles_empty += result.empty ? 1 : 0;
            pixels_ += result.window.area();
        }
        if (ticket.last) {
            const auto entry = output_->finish();
            output_.reset();
            task_.ledger.add(entry);
            report_.pixels_valid += entry.pixels_valid;
            ++report_.parts;
        }
        const auto now = Clock::now();
        mosaic_seconds_ += std::chrono::duration<double>(now - before).count();
        tell(now);
    }

    StreamReport report() {
        report_.stage_seconds["mosaic"] = mosaic_seconds_;
        return report_;
    }

private:
    void tell(Clock::time_point now) {
        if (!task_.options.progress ||
            (report_.tiles < total_ && now - told_ < std::chrono::milliseconds(200)))
            return;
        told_ = now;
        task_.options.progress(
            {"tiles", report_.tiles, total_, pixels_, std::chrono::duration<double>(now - begin_).count()});
    }

    const StreamTask& task_;
    std::int64_t total_, pixels_ = 0;
    Clock::time_point begin_, told_{};
    std::unique_ptr<PartOutput> output_;
    double mosaic_seconds_ = 0;
    StreamReport report_;
};

/// Lets a stated number of tiles fail.
class TileFailures {
public:
    explicit TileFailures(std::int64_t allowed) : left_(allowed) {}

    void guard(TileResult& result, const std::function<void()>& step) {
        try {
            step();
        } catch (const Error& error) {
            // What the scene holds may be lost for a window; anything else is wrong for every tile.
            if (error.code() != Code::read || left_.fetch_sub(1) <= 0) throw;
            result.empty = true;
            result.failure = error.what();
        }
    }

private:
    std::atomic<std::int64_t> left_;
};

std::int64_t tiles_in(const Job& job, const std::vector<std::int64_t>& parts) {
    std::size_t count = 0;
    for (const auto index : parts)
        count += tiles_of_part(job.plan, job.plan.parts.part(index), job.traits.local).size();
    return static_cast<std::int64_t>(count);
}

/// What the model wants at once of what the plan has room for.
int batch_of(const Job& job, const Model& model) {
    const auto& tiles = job.plan.tiles;
    const std::int64_t padded = (tiles.tile_width + std::int64_t{2} * tiles.halo) *
                                (tiles.tile_height + std::int64_t{2} * tiles.halo);
    return job.plan.batch > 1 ? model.batch(padded, job.plan.batch) : 1;
}

}  // namespace

StreamReport stream_parts(const StreamTask& task, const std::vector<std::int64_t>& parts) {
    const auto& job = task.job;
    const auto& options = task.options;
    const auto begin = Clock::now();
    const int batch = batch_of(job, task.model);
    TileSource source(job, parts, batch);
    PartSink sink(task, tiles_in(job, parts));
    Pool<std::unique_ptr<Worker>> workers([&] { return std::make_unique<Worker>(job, task.model, batch); });
    TileFailures failures(options.failed_tiles);
    bool stopped = false;
    const auto out_of_time = [&] {
        return options.time_limit_s > 0 &&
               std::chrono::duration<double>(Clock::now() - begin).count() > options.time_limit_s;
    };
    using Item = std::shared_ptr<Ticket>;
    tbb::parallel_pipeline(
        static_cast<std::size_t>(std::max(1, job.plan.tokens / batch)),
        tbb::make_filter<void, Item>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& flow) -> Item {
            auto ticket = std::make_shared<Ticket>();
            stopped = stopped || (options.stop && options.stop->load()) || out_of_time();
            if (stopped || !source.next(*ticket)) flow.stop();
            return ticket;
        }) & tbb::make_filter<Item, Item>(tbb::filter_mode::parallel, [&](Item ticket) {
            workers.with([&](const auto& worker) {
                worker->compute(ticket->results, [&](TileResult& result, const std::function<void()>& step) {
                    failures.guard(result, step);
                });
            });
            return ticket;
        }) & tbb::make_filter<Item, void>(tbb::filter_mode::serial_in_order, [&](const Item& ticket) {
            sink.take(*ticket);
        }));
    StreamReport report = sink.report();
    report.stopped = stopped;
    for (const auto& worker : workers.idle())
        for (const auto& [stage, seconds] : worker->stage_seconds) report.stage_seconds[stage] += seconds;
    return report;
}

}  // namespace spectile::run
