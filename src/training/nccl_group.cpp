// Processes, each with a CUDA device, that exchange tensors by LibTorch's NCCL.
#include "training/nccl_group.hpp"

#include <ATen/cuda/CUDAContext.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/DeviceGuard.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <set>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "training/meeting.hpp"

namespace spectile::training {
namespace {

/// A device's place in the world: numbers are each process's own.
std::string place_of(at::Device device) {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    const auto* card = at::cuda::getDeviceProperties(device.index());
    return fmt::format("{} {:x}:{:x}:{:x}", host.data(), card->pciDomainID, card->pciBusID,
                       card->pciDeviceID);
}

class NcclGroup final : public ProcessGroup {
public:
    NcclGroup(std::unique_ptr<ProcessGroup> words, const TrainingProcesses& processes,
              const c10::intrusive_ptr<c10d::Store>& store, at::Device device)
        : words_(std::move(words)), processes_(processes), device_(device) {
        const c10::DeviceGuard guard(device_);
        with_others(processes_, [&] {
            auto options = c10d::ProcessGroupNCCL::Options::create();
            options->timeout = kSilence;
            group_ = c10::make_intrusive<c10d::ProcessGroupNCCL>(
                c10::make_intrusive<c10d::PrefixStore>("nccl", store), processes_.rank, processes_.count,
                options);
        });
    }

    int rank() const override { return processes_.rank; }
    int size() const override { return processes_.count; }
    std::vector<std::string> gather(const std::string& ours) override { return words_->gather(ours); }

    at::Tensor exchange(const at::Tensor& parts) override {
        const c10::DeviceGuard guard(device_);
        auto sent = parts, received = at::empty_like(parts);
        std::vector<std::int64_t> rows(static_cast<std::size_t>(size()), 1);
        with_others(processes_, [&] { group_->alltoall_base(received, sent, rows, rows)->wait(); });
        return received;
    }

    void collect(const at::Tensor& part, const at::Tensor& parts) override {
        const c10::DeviceGuard guard(device_);
        auto in = part, out = parts;
        with_others(processes_, [&] { group_->_allgather_base(out, in)->wait(); });
    }

private:
    std::unique_ptr<ProcessGroup> words_;
    TrainingProcesses processes_;
    at::Device device_;
    c10::intrusive_ptr<c10d::ProcessGroupNCCL> group_;
};

}  // namespace

std::unique_ptr<ProcessGroup> make_nccl_group(std::unique_ptr<ProcessGroup> words,
                                              const TrainingProcesses& processes,
                                              const c10::intrusive_ptr<c10d::Store>& store,
                                              at::Device device) {
    const auto places = words->gather(place_of(device));
    if (std::set<std::string>(places.begin(), places.end()).size() < places.size()) return words;
    return std::make_unique<NcclGroup>(std::move(words), processes, store, device);
}

}  // namespace spectile::training
