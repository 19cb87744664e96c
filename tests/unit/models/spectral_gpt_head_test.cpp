#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <thread>

#include "models/networks/spectral_gpt/dense_head.hpp"
#include "models/networks/spectral_gpt/packed_head.hpp"
#include "unit/kernels/each_target.hpp"

namespace spectile::networks {
namespace {

/// One after the other, the last first.
void backwards(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = count; i-- > 0;) body(i);
}

void all_at_once(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    std::vector<std::jthread> threads;
    for (std::int64_t i = count; i-- > 0;) threads.emplace_back([&body, i] { body(i); });
}

/// Numbers of pixels that fill no piece and no band, widths that fill no panel, fewer pixels than the
/// pyramid's cells.
class DenseHead : public testing::TestWithParam<const char*> {
protected:
    DenseHead()
        : network_(entries::parse_spectral_gpt(
                       std::string(R"({"embed": 24, "depth": 1, "heads": 3, )") + GetParam() + "}", "test"),
                   3),
          map_(at::randn({1, config().embed, config().grid(), config().grid()})) {
        for (const auto& named : network_.tensors()) {
            if (named.name.ends_with(".bias")) named.tensor.uniform_(-1, 1);  // Norms have none at first.
            tensors_[named.name] = named.tensor;
        }
        packed_ = gpt::pack_head(network_);
    }
    const entries::SpectralGptConfig& config() const { return network_.config(); }
    at::Tensor run(const kernels::DenseHead::ParallelFor& parallel) const {
        const auto scores = at::empty({1, config().classes, config().side, config().side});
        const auto pixels = map_.flatten(2).transpose(1, 2).contiguous();
        packed_->run(*packed_->memory(), pixels.data_ptr<float>(), scores.data_ptr<float>(), parallel);
        return scores;
    }
    at::Tensor expected() const {
        const Observer nobody;
        return gpt::dense_head(gpt::Pass(tensors_, nobody), map_);
    }

    const at::NoGradGuard no_grad_;
    SpectralGpt network_;
    std::shared_ptr<const kernels::DenseHead> packed_;
    std::map<std::string, at::Tensor> tensors_;
    at::Tensor map_;
};

TEST_P(DenseHead, KernelsAgreeWithTensorsAtEveryTarget) {
    const auto tensors = expected();
    kernels::test::for_each_target([&] {
        const auto error = (run(backwards) - tensors).abs().max().item<float>();
        EXPECT_LE(error, 1e-5F * tensors.abs().max().item<float>());
    });
}

TEST_P(DenseHead, ThreadsDoNotChangeABit) { EXPECT_TRUE(run(backwards).equal(run(all_at_once))); }

INSTANTIATE_TEST_SUITE_P(
    Every, DenseHead,
    testing::Values(
        R"("task": "segmentation", "side": 40, "classes": 13, "head_channels": 128, "head_width": 48)",
        R"("task": "change", "side": 32, "head_channels": 256, "head_width": 64)",
        R"("task": "segmentation", "side": 96, "classes": 3, "head_channels": 384, "head_width": 80)",
        R"("task": "segmentation", "side": 16, "classes": 70, "head_channels": 128, "head_width": 16)"));

}  // namespace
}  // namespace spectile::networks
