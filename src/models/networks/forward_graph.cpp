#include "models/networks/forward_graph.hpp"

#include <ATen/ops/equal.h>
#include <c10/util/Exception.h>

#ifdef SPECTILE_LIBTORCH_CUDA
#include <torch/version.h>
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 6)
#define SPECTILE_RECORDS
#include <ATen/cuda/CUDAGraph.h>
#endif
#endif

namespace spectile::networks {

at::Tensor ForwardGraph::run(const at::Tensor& input, const Forward& forward) {
    if (!recording_ && !recorder_) return forward(input);
    if (shape_.empty()) {
        shape_ = input.sizes().vec();
        return forward(input);
    }
    if (input.sizes() != shape_) return forward(input);
    if (!recording_) {
        const auto expected = forward(input);
        record(input, forward, expected);
        return expected;
    }
    input_.copy_(input);
    recording_->replay();
    return output_;
}

void ForwardGraph::record(const at::Tensor& input, const Forward& forward, const at::Tensor& expected) {
    const Recorder recorder = std::move(recorder_);
    recorder_ = {};
    try {
        input_ = input.clone();
        auto recording = recorder([&] { output_ = forward(input_); });
        if (!recording) return;
        recording->replay();
        if (at::equal(output_, expected)) recording_ = std::move(recording);
    } catch (const std::exception&) {  // No room for memory of its own, or a layer that cannot be recorded.
    }
    if (!recording_) input_ = output_ = at::Tensor();
}

#ifdef SPECTILE_RECORDS
namespace {

class Graph final : public Recording {
public:
    explicit Graph(const std::function<void()>& work) {
        // Other threads may allocate meanwhile.
        graph_.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
        try {
            work();
        } catch (...) {
            end_failed();
            throw;
        }
        graph_.capture_end();
    }
    void replay() override { graph_.replay(); }

private:
    /// The stream would stay a recording one.
    void end_failed() {
        try {
            graph_.capture_end();
        } catch (const c10::Error&) {  // Of what failed, the first is told.
        }
    }

    at::cuda::CUDAGraph graph_;
};

}  // namespace

std::unique_ptr<Recording> record_cuda_graph(const std::function<void()>& work) {
    return std::make_unique<Graph>(work);
}
#else
std::unique_ptr<Recording> record_cuda_graph(const std::function<void()>&) { return nullptr; }
#endif

}  // namespace spectile::networks
