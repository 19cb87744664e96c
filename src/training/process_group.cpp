#include "training/process_group.hpp"

#include "spectile/error.hpp"
#ifdef SPECTILE_GLOO
#include "training/gloo_group.hpp"
#include "training/meeting.hpp"
#endif
#ifdef SPECTILE_NCCL
#include "training/nccl_group.hpp"
#endif

namespace spectile::training {
namespace {

class Alone final : public ProcessGroup {
public:
    int rank() const override { return 0; }
    int size() const override { return 1; }
    std::vector<std::string> gather(const std::string& ours) override { return {ours}; }
    at::Tensor exchange(const at::Tensor& parts) override { return parts; }
    void collect(const at::Tensor& part, const at::Tensor& parts) override {
        parts.copy_(part.view({1, -1}));
    }
};

}  // namespace

std::unique_ptr<ProcessGroup> join_processes(const TrainingProcesses& processes,
                                             [[maybe_unused]] const std::function<bool()>& stop,
                                             [[maybe_unused]] at::Device device) {
    if (processes.count == 1) return std::make_unique<Alone>();
#ifdef SPECTILE_GLOO
    const auto store = meet(processes, stop);
    auto group = make_gloo_group(processes, store);
#ifdef SPECTILE_NCCL
    if (device.is_cuda()) return make_nccl_group(std::move(group), processes, store, device);
#endif
    return group;
#else
    throw Error(Code::device,
                "--distributed: this build has no gloo; install libgloo-dev, for a LibTorch with gloo, and "
                "build again");
#endif
}

}  // namespace spectile::training
