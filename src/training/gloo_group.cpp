// Processes that talk by LibTorch's gloo.
#include "training/gloo_group.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include "training/meeting.hpp"

namespace spectile::training {
namespace {

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
    GlooGroup(const TrainingProcesses& processes, const c10::intrusive_ptr<c10d::Store>& store)
        : processes_(processes) {
        with_others(processes_, [&] { group_ = connect(store, processes); });
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
        auto sent = parts.to(at::kCPU), received = at::empty_like(sent);
        std::vector<std::int64_t> rows(static_cast<std::size_t>(size()), 1);
        with_others(processes_, [&] { group_->alltoall_base(received, sent, rows, rows)->wait(); });
        return received.to(parts.device());
    }

    void collect(const at::Tensor& part, const at::Tensor& parts) override {
        const auto rows = parts.device().is_cpu() ? parts : at::empty(parts.sizes(), at::kFloat);
        std::vector<at::Tensor> in = {part.to(at::kCPU)};
        std::vector<std::vector<at::Tensor>> out = {rows.unbind(0)};
        with_others(processes_, [&] { group_->allgather(out, in)->wait(); });
        if (!parts.device().is_cpu()) parts.copy_(rows);
    }

private:
    /// Rows of what every process has, by rank.
    at::Tensor everyone(const at::Tensor& ours) {
        const auto rows = at::empty({size(), ours.size(0)}, ours.options());
        collect(ours, rows);
        return rows;
    }

    TrainingProcesses processes_;
    c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

}  // namespace

std::unique_ptr<ProcessGroup> make_gloo_group(const TrainingProcesses& processes,
                                              const c10::intrusive_ptr<c10d::Store>& store) {
    return std::make_unique<GlooGroup>(processes, store);
}

}  // namespace spectile::training
