#include "run/stream.hpp"

#include <tbb/parallel_pipeline.h>

#include <chrono>
#include <memory>

#include "core/pool.hpp"
#include "run/parallel.hpp"
#include "run/part_output.hpp"
#include "run/part_tiles.hpp"
#include "run/worker.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

using Clock = std::chrono::steady_clock;

/// One tile of one part, on its way.
struct Ticket {
    std::int64_t part = 0;
    bool first = false, last = false;  ///< Of its part.
    TileResult result;
};

/// Hands out the tiles of the parts, in order. A part's tiles are listed when it is reached, so a plan of ten
/// million tiles costs one part's worth of memory.
class TileSource {
public:
    TileSource(const Job& job, const std::vector<std::int64_t>& parts) : job_(job), parts_(parts) {}

    bool next(Ticket& ticket) {
        while (position_ == tickets_.size()) {
            if (next_part_ == parts_.size()) return false;
            list_tiles(job_.plan.parts.part(parts_[next_part_++]));
        }
        ticket = tickets_[position_++];
        return true;
    }

private:
    void list_tiles(const Part& part) {
        tickets_.clear();
        position_ = 0;
        for (auto& [tile, window] : tiles_of_part(job_.plan, part, job_.traits.local)) {
            Ticket ticket{part.index, false, false, {}};
            ticket.result.tile = tile;
            ticket.result.window = window;
            tickets_.push_back(std::move(ticket));
        }
        tickets_.front().first = true;
        tickets_.back().last = true;
    }

    const Job& job_;
    const std::vector<std::int64_t>& parts_;
    std::size_t next_part_ = 0, position_ = 0;
    std::vector<Ticket> tickets_;
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
        output_->add(ticket.result);
        ++report_.tiles;
        report_.tiles_empty += ticket.result.empty ? 1 : 0;
        pixels_ += ticket.result.window.area();
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

    void guard(TileResult& result, const std::function<void()>& compute) {
        try {
            compute();
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

}  // namespace

StreamReport stream_parts(const StreamTask& task, const std::vector<std::int64_t>& parts) {
    const auto& job = task.job;
    const auto& options = task.options;
    const auto begin = Clock::now();
    std::int64_t total = 0;
    for (const auto index : parts)
        total += static_cast<std::int64_t>(
            tiles_of_part(job.plan, job.plan.parts.part(index), job.traits.local).size());
    TileSource source(job, parts);
    PartSink sink(task, total);
    Pool<std::unique_ptr<Worker>> workers([&] { return std::make_unique<Worker>(job, task.model); });
    TileFailures failures(options.failed_tiles);
    bool stopped = false;
    const auto out_of_time = [&] {
        return options.time_limit_s > 0 &&
               std::chrono::duration<double>(Clock::now() - begin).count() > options.time_limit_s;
    };
    using Item = std::shared_ptr<Ticket>;
    tbb::parallel_pipeline(
        static_cast<std::size_t>(job.plan.tokens),
        tbb::make_filter<void, Item>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& flow) -> Item {
            auto ticket = std::make_shared<Ticket>();
            stopped = stopped || (options.stop && options.stop->load()) || out_of_time();
            if (stopped || !source.next(*ticket)) flow.stop();
            return ticket;
        }) & tbb::make_filter<Item, Item>(tbb::filter_mode::parallel, [&](Item ticket) {
            failures.guard(ticket->result, [&] {
                workers.with([&](const auto& worker) { worker->compute(ticket->result); });
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
