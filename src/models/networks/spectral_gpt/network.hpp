#pragma once

#include <map>
#include <string>

#include "models/entries/spectral_gpt_config.hpp"
#include "models/networks/network.hpp"
#include "models/networks/spectral_gpt/dropout.hpp"
#include "models/networks/spectral_gpt/masking.hpp"
#include "models/networks/spectral_gpt/pass.hpp"

namespace spectile::networks {

/// SpectralGPT with the head of its task, on tensors: for training and for whole scenes.
///
/// Source   Hong et al., "SpectralGPT", TPAMI 2024, arXiv 2311.07113; layer by layer as in the specification.
class SpectralGpt final : public Network {
public:
    /// With initial values drawn from `seed`.
    SpectralGpt(const entries::SpectralGptConfig& config, std::uint64_t seed);
    /// With these tensors, one for each of the layout. `pos_embed` must not be `auto`.
    SpectralGpt(const entries::SpectralGptConfig& config, std::map<std::string, at::Tensor> tensors);

    /// x: [batch, input bands, side, side]. Gives logits [batch, classes] or [batch, classes, side, side],
    /// log-probabilities [batch, 2, side, side] of change, and in pretraining the predicted values of every
    /// token [batch, tokens, token values], with what seed 0 hides of the first samples. Throws
    /// Error{Code::scene} for other sizes.
    at::Tensor forward(const at::Tensor& x, const Observer& observe = {}) override;
    /// As `forward`, with something left out of each sample, for training: `drops` has a key for each.
    at::Tensor forward_dropping(const at::Tensor& x, const gpt::Drops& drops);
    /// As `forward`, for float32 on the CPU without gradients, by the kernels: equal but for rounding. Not
    /// for pretraining. Nothing of the blocks is shown.
    at::Tensor infer(const at::Tensor& x, const gpt::Inference& inference, const Observer& observe = {});
    /// Pretraining with a given masking of each sample.
    at::Tensor reconstruct(const at::Tensor& x, const Masking& masking, const Observer& observe = {});

    int window() const override { return config_.side; }
    std::vector<NamedTensor> tensors() override;

    const entries::SpectralGptConfig& config() const { return config_; }
    /// Attention in its plain form also where the blockwise one would do (tests and benchmarks).
    void use_plain_attention(bool on) { plain_attention_ = on; }

private:
    void require_legal(const at::Tensor& x) const;
    at::ScalarType product_type() const;
    bool blockwise(const at::Tensor& x) const;
    at::Tensor predict(const gpt::Pass& pass, const at::Tensor& x) const;

    entries::SpectralGptConfig config_;
    std::map<std::string, at::Tensor> tensors_;
    bool plain_attention_ = false;
};

}  // namespace spectile::networks
