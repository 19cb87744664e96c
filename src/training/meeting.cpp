// Processes that meet through a store of rank 0.
#include "training/meeting.hpp"

#include <c10/util/Logging.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "spectile/error.hpp"

namespace spectile::training {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kMeeting = 10min, kTry = 3s, kLook = 200ms;

[[noreturn]] void fail_stopped() {
    throw Error(Code::interrupted,
                "stopped while waiting for the other processes; run the same command again");
}

/// The store that rank 0 keeps, asked again and again until it is there.
c10::intrusive_ptr<c10d::Store> open_store(const TrainingProcesses& processes,
                                           const std::function<bool()>& stop, Clock::time_point until) {
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(processes.port);
    options.isServer = processes.rank == 0;
    options.waitWorkers = false;
    for (;;) {
        options.timeout = kTry;  // Whole seconds: LibTorch 1.13 takes less for none at all.
        try {
            auto store = c10::make_intrusive<c10d::TCPStore>(processes.address, options);
            store->setTimeout(kMeeting);
            return store;
        } catch (const std::exception& e) {
            if (stop && stop()) fail_stopped();
            // A server that cannot listen will not be able to a second later.
            if (!options.isServer && Clock::now() < until) {
                std::this_thread::sleep_for(kLook);
                continue;
            }
            throw Error(Code::interrupted,
                        fmt::format("{}:{}: process {} of {} {}; check MASTER_ADDR and MASTER_PORT",
                                    processes.address, processes.port, processes.rank, processes.count,
                                    options.isServer ? "cannot listen there" : "does not reach process 0"),
                        e.what());
        }
    }
}

/// Until every process has come to the store.
void wait_for_all(c10d::Store& store, const TrainingProcesses& processes, const std::function<bool()>& stop,
                  Clock::time_point until) {
    const auto key = [](int rank) { return "here/" + std::to_string(rank); };
    store.set(key(processes.rank), std::vector<std::uint8_t>{1});
    for (int rank = 0; rank < processes.count; ++rank)
        while (!store.check({key(rank)})) {
            if (stop && stop()) fail_stopped();
            if (Clock::now() > until)
                throw Error(Code::interrupted,
                            fmt::format("process {} of {} did not come to {}:{} within ten minutes; were all "
                                        "of them started?",
                                        rank, processes.count, processes.address, processes.port));
            std::this_thread::sleep_for(kLook);
        }
}

}  // namespace

c10::intrusive_ptr<c10d::Store> meet(const TrainingProcesses& processes, const std::function<bool()>& stop) {
    FLAGS_caffe2_log_level = 3;  // What goes wrong comes as an exception, too, and is said once.
    const auto until = Clock::now() + kMeeting;
    auto store = open_store(processes, stop, until);
    with_others(processes, [&] { wait_for_all(*store, processes, stop, until); });
    return store;
}

void with_others(const TrainingProcesses& processes, const std::function<void()>& call) {
    try {
        call();
    } catch (const Error&) {
        throw;
    } catch (const std::exception& e) {
        throw Error(Code::interrupted,
                    fmt::format("process {} of {} has lost another one, whose own output says why it ended; "
                                "start all of them again to go on from the checkpoint",
                                processes.rank, processes.count),
                    e.what());
    }
}

}  // namespace spectile::training
