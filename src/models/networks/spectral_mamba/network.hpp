#pragma once

#include <map>
#include <string>

#include "models/entries/spectral_mamba_config.hpp"
#include "models/networks/network.hpp"

namespace spectile::networks {

/// SpectralMamba on tensors, for training and as the yardstick of the dense kernel.
///
/// Source   Yao, Hong, Li and Chanussot, arXiv 2404.08489, as reconstructed in the specification: gated
///          spatial-spectral merging (2.1), piece-wise sequential scanning (2.2), S6 blocks (2.3), mean head
///          (2.4).
class SpectralMamba final : public Network {
public:
    SpectralMamba(const entries::SpectralMambaConfig& config, std::uint64_t seed);

    at::Tensor forward(const at::Tensor& x, const Observer& observe = {}) override;
    int window() const override { return config_.window(); }
    std::vector<NamedTensor> tensors() override;

    /// Scans by LibTorch's own operators instead of the kernel (tests and benchmarks).
    void use_reference_scan(bool on) { reference_scan_ = on; }

private:
    const at::Tensor& weight(const std::string& name) const { return tensors_.at(name); }
    /// Whether our own kernels can be used in place of LibTorch's operators.
    bool by_kernels(const at::Tensor& x) const;
    at::Tensor merge_patch(const at::Tensor& x, const Observer& observe) const;
    /// The same by our own convolution, for the common kernel of 3 x 3.
    at::Tensor merge_channels_last(const at::Tensor& x, const Observer& observe) const;
    at::Tensor pieces(const at::Tensor& spectra) const;
    at::Tensor mix(const at::Tensor& tokens, const std::string& name, const Observer& observe) const;
    /// Gated by `z` where it is defined.
    at::Tensor scan(const at::Tensor& u, const at::Tensor& z, const std::string& name,
                    const Observer& observe) const;
    at::Tensor normalise(const at::Tensor& tokens, const std::string& name) const;

    entries::SpectralMambaConfig config_;
    std::map<std::string, at::Tensor> tensors_;
    bool reference_scan_ = false;
};

}  // namespace spectile::networks
