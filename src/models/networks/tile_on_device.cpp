#include "models/networks/tile_on_device.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>

#include "models/native/validity.hpp"
#include "models/networks/device.hpp"
#include "models/networks/forward_graph.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

/// What LibTorch's operators hold of what our kernels do: 5.0 times of MiM-ISTD, 3.5 of SpectralGPT, measured
/// on the CPU (docs/benchmarks.md).
constexpr std::size_t kPlainWorkspace = 6;

/// What the runners of one device share.
struct TileShare {
    TileRun run;
    // forward() changes nothing, but is not const.
    std::shared_ptr<Network> network;
    std::unique_ptr<DeviceQueue> queue;
    ForwardGraph graph;  ///< Within DeviceQueue::compute alone.
    std::atomic<std::size_t> room =
        std::numeric_limits<std::size_t>::max();  ///< Tiles at once that found room.
    std::once_flag compared;
};

bool taken(const Cube& cube) { return !cube.values.empty(); }

const Cube* first_taken(std::span<const Cube> cubes) {
    const auto found = std::find_if(cubes.begin(), cubes.end(), taken);
    return found == cubes.end() ? nullptr : &*found;
}

bool same_shape(std::span<const Cube> cubes, const Cube& like) {
    return std::all_of(cubes.begin(), cubes.end(), [&](const Cube& cube) {
        return !taken(cube) ||
               (cube.bands == like.bands && cube.rows() == like.rows() && cube.cols() == like.cols());
    });
}

class DeviceTileRunner final : public Runner {
public:
    explicit DeviceTileRunner(std::shared_ptr<TileShare> shared) : shared_(std::move(shared)) {}

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor&) override {
        const at::NoGradGuard no_grad;
        const Cube* first = first_taken(in);
        if (!first) return;
        if (in.size() > 1) compare_places(*first, in.size());
        const std::size_t most = same_shape(in, *first) ? in.size() : 1;
        for (std::size_t begin = 0, count = 0; begin < in.size(); begin += count) {
            count = std::min({most, shared_->room.load(), in.size() - begin});
            while (!run_batch(in.subspan(begin, count), out.subspan(begin, count)))
                count = std::max<std::size_t>(1, count / 2);
        }
    }

private:
    /// Whether there was room for it.
    bool run_batch(std::span<const Cube> in, std::span<Prediction> out) {
        const Cube* first = first_taken(in);
        if (!first) return true;
        fill_input(in, *first);
        if (!compute(in.size(), *first)) return false;
        for (std::size_t i = 0; i < in.size(); ++i)
            if (taken(in[i])) store(i, in[i], out[i]);
        return true;
    }

    /// A batch of one tile in every place: all must come out alike, or there are no batches.
    void compare_places(const Cube& cube, std::size_t places) {
        std::call_once(shared_->compared, [&] {
            std::size_t count = places;
            for (; count > 1; count /= 2) {
                std::vector<const Cube*> copies(count, &cube);
                fill_input(copies, cube);
                if (compute(count, cube)) break;
            }
            for (std::size_t i = 1; i < count; ++i)
                if (!at::equal(output_[static_cast<std::int64_t>(i)], output_[0])) shared_->room = 1;
        });
    }

    void fill_input(std::span<const Cube> in, const Cube& like) {
        std::vector<const Cube*> places;
        for (const auto& cube : in) places.push_back(taken(cube) ? &cube : nullptr);
        fill_input(places, like);
    }

    void fill_input(const std::vector<const Cube*>& places, const Cube& like) {
        const auto count = static_cast<std::int64_t>(places.size());
        if (!input_.defined() || input_.size(0) != count || input_[0].numel() != numel(like))
            input_ = shared_->queue->host_memory({count, like.bands, like.rows(), like.cols()});
        input_ = input_.view({count, like.bands, like.rows(), like.cols()});
        float* to = input_.data_ptr<float>();
        for (const Cube* cube : places) {
            if (cube)
                std::copy(cube->values.begin(), cube->values.end(), to);
            else
                std::fill_n(to, like.values.size(), 0.0F);
            to += like.values.size();
        }
    }

    static std::int64_t numel(const Cube& cube) { return static_cast<std::int64_t>(cube.values.size()); }

    /// From input_ to output_, [count, channels, rows or 1, cols or 1]. Whether there was room.
    bool compute(std::size_t count, const Cube& cube) {
        const auto forward = [&](const at::Tensor& x) {
            const auto output = shared_->network->forward(x);
            return shared_->run.finish ? shared_->run.finish(output) : output;
        };
        try {
            const auto there = shared_->queue->upload(input_);
            shared_->queue->compute(
                there, [&](const at::Tensor& x) { return shared_->graph.run(x, forward); }, output_);
            return true;
        } catch (const c10::OutOfMemoryError&) {
            if (count > 1) {
                shared_->room = std::min(shared_->room.load(), count / 2);
                return false;
            }
            throw Error(Code::memory, "window " + to_string(cube.window) + ": " + shared_->run.device +
                                          " has no memory for this tile; lower tiling.tile, end what else " +
                                          "runs there, or use --device cpu");
        }
    }

    void store(std::size_t place, const Cube& cube, Prediction& out) const {
        out.reset(cube.window, shared_->run.channels);
        native::copy_valid(cube, out);
        const auto values = output_[static_cast<std::int64_t>(place)]
                                .expand({out.channels, cube.rows(), cube.cols()})
                                .contiguous();
        const float* from = values.data_ptr<float>();
        require_finite(from, out.values.size(), shared_->run.precision);
        std::copy_n(from, out.values.size(), out.values.data());
    }

    std::shared_ptr<TileShare> shared_;
    at::Tensor input_, output_;
};

class DeviceTileModel final : public Model {
public:
    explicit DeviceTileModel(std::shared_ptr<TileShare> shared) : shared_(std::move(shared)) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<DeviceTileRunner>(shared_); }

    int batch(std::int64_t pixels, int most) const override {
        const auto& run = shared_->run;
        const std::size_t tile =
            static_cast<std::size_t>(pixels) * kPlainWorkspace * run.workspace_bytes_per_pixel;
        const std::size_t free = run.free_bytes(run.device);
        int batch = 1;
        while (2 * batch <= most && 2 * static_cast<std::size_t>(batch) * tile <= free / 2) batch *= 2;
        return free == 0 ? 1 : batch;
    }

private:
    std::shared_ptr<TileShare> shared_;
};

}  // namespace

std::unique_ptr<Model> make_tile_on_device(std::shared_ptr<Network> network, const TileRun& run) {
    network->train(false);
    move_to_device(*network, run.device, run.precision);
    auto share = std::make_shared<TileShare>();
    share->run = run;
    share->network = std::move(network);
    share->queue = make_device_queue(run.device);
    return std::make_unique<DeviceTileModel>(std::move(share));
}

}  // namespace spectile::networks
