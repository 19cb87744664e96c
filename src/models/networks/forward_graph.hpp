#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "models/networks/device_queue.hpp"

namespace spectile::networks {

/// Launches that were recorded, to be put on a stream again at once.
class Recording {
public:
    virtual ~Recording() = default;
    virtual void replay() = 0;
};

/// Records what `work` launches. Null where it cannot be recorded, or this LibTorch has nothing to record by.
using Recorder = std::function<std::unique_ptr<Recording>(const std::function<void()>& work)>;

/// A CUDA graph of what this thread's current stream gets, LibTorch 2.6 and later.
std::unique_ptr<Recording> record_cuda_graph(const std::function<void()>& work);

/// A forward pass that is recorded once for inputs of one shape, and replayed: hundreds of launches cost
/// about one. The first call warms up, the second one records; the recording is used from the third call on,
/// and only if it gave the bytes of the plain pass.
///
/// Threads  one at a time. Memory  the recorded pass keeps its own.
class ForwardGraph {
public:
    explicit ForwardGraph(Recorder recorder = record_cuda_graph) : recorder_(std::move(recorder)) {}

    /// forward(input), which must always be the same function; valid until the next call. An input of
    /// another shape than the first one's goes the plain way.
    at::Tensor run(const at::Tensor& input, const Forward& forward);
    bool recorded() const { return recording_ != nullptr; }

private:
    void record(const at::Tensor& input, const Forward& forward, const at::Tensor& expected);

    Recorder recorder_;  ///< Empty once it failed, or has done its work.
    std::unique_ptr<Recording> recording_;
    at::Tensor input_, output_;
    std::vector<std::int64_t> shape_;
};

}  // namespace spectile::networks
