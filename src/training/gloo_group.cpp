// Processes that meet through a store of rank 0 and talk by LibTorch's gloo.
#include "training/gloo_group.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Logging.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "spectile/error.hpp"

namespace spectile::training {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kMeeting = 10min, kSilence = 15min, kTry = 3s, kLook = 200ms;

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

c10::intrusive_ptr<c10d::ProcessGroupGloo> connect(const c10::intrusive_ptr<c10d::Store>& store,
                                                   const TrainingProcesses& processes) {
    auto options = c10d::ProcessGroupGloo::Options::create(kSilence);
    const char* interface = std::getenv("GLOO_SOCKET_IFNAME");  // As PyTorch has it.
    const bool here = processes.address == "127.0.0.1" || processes.address == "localhost";
    options->devices.push_back(interface ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
                               : here    ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                         : c10d::ProcessGroupGloo::createDefaultDevice());
    return c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("gloo", store),
                                                       processes.rank, processes.count, options);
}

class GlooGroup final : public ProcessGroup {
public:
    GlooGroup(const TrainingProcesses& processes, const std::function<bool()>& stop) : processes_(processes) {
        FLAGS_caffe2_log_level = 3;  // What goes wrong comes as an exception, too, and is said once.
        const auto until = Clock::now() + kMeeting;
        store_ = open_store(processes, stop, until);
        guarded([&] {
            wait_for_all(*store_, processes, stop, until);
            group_ = connect(store_, processes);
        });
    }

    int rank() const override { return processes_.rank; }
    int size() const override { return processes_.count; }

    std::vector<std::string> gather(const std::string& ours) override {
        const auto mine = static_cast<std::int64_t>(ours.size());
        const auto lengths = everyone(at::empty({1}, at::kLong).fill_(mine));
        const auto length = [&](int rank) {
            return static_cast<std::size_t>(lengths.data_ptr<std::int64_t>()[rank]);
        };
        std::size_t longest = 1;
        for (int rank = 0; rank < size(); ++rank) longest = std::max(longest, length(rank));
        const auto padded = at::zeros({static_cast<std::int64_t>(longest)}, at::kByte);
        std::memcpy(padded.data_ptr(), ours.data(), ours.size());
        const auto all = everyone(padded);
        std::vector<std::string> texts;
        for (int rank = 0; rank < size(); ++rank)
            texts.emplace_back(static_cast<const char*>(all[rank].data_ptr()), length(rank));
        return texts;
    }

    at::Tensor exchange(const at::Tensor& parts) override {
        auto received = at::empty_like(parts), sent = parts;
        std::vector<std::int64_t> rows(static_cast<std::size_t>(size()), 1);
        guarded([&] { group_->alltoall_base(received, sent, rows, rows)->wait(); });
        return received;
    }

    void collect(const at::Tensor& part, const at::Tensor& parts) override {
        std::vector<at::Tensor> in = {part};
        std::vector<std::vector<at::Tensor>> out = {parts.unbind(0)};
        guarded([&] { group_->allgather(out, in)->wait(); });
    }

private:
    /// Rows of what every process has, by rank.
    at::Tensor everyone(const at::Tensor& ours) {
        const auto rows = at::empty({size(), ours.size(0)}, ours.options());
        collect(ours, rows);
        return rows;
    }

    /// Says in our words that a process is gone.
    template <typename Call>
    void guarded(const Call& call) {
        try {
            call();
        } catch (const Error&) {
            throw;
        } catch (const std::exception& e) {
            throw Error(Code::interrupted,
                        fmt::format("process {} of {} has lost another one, whose own output says why it "
                                    "ended; start all of them again to go on from the checkpoint",
                                    rank(), size()),
                        e.what());
        }
    }

    TrainingProcesses processes_;
    c10::intrusive_ptr<c10d::Store> store_;
    c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

}  // namespace

std::unique_ptr<ProcessGroup> join_by_gloo(const TrainingProcesses& processes,
                                           const std::function<bool()>& stop) {
    return std::make_unique<GlooGroup>(processes, stop);
}

}  // namespace spectile::training
