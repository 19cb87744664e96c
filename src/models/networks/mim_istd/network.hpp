#pragma once

#include <map>
#include <string>

#include "models/entries/mim_istd_config.hpp"
#include "models/networks/network.hpp"

namespace spectile::networks {

/// MiM-ISTD on tensors, for training and as the yardstick of the whole-scene runner.
///
/// Source   Chen et al., "MiM-ISTD", arXiv 2403.02148, 2024; layer by layer as in the specification.
class MimIstd final : public Network {
public:
    MimIstd(const entries::MimIstdConfig& config, std::uint64_t seed);

    /// x: [batch, bands, n, n], n a multiple of the configuration's `multiple()`; gives logits
    /// [batch, 1, n, n]. Throws Error{Code::scene} for other sizes.
    at::Tensor forward(const at::Tensor& x, const Observer& observe = {}) override;
    int window() const override { return config_.tile; }
    std::vector<NamedTensor> tensors() override;
    void train(bool on) override { training_ = on; }

    const entries::MimIstdConfig& config() const { return config_; }
    /// Scans by LibTorch's own operators instead of the kernel (tests and benchmarks).
    void use_reference_scan(bool on) { reference_scan_ = on; }
    /// Every layer but the scans by LibTorch's operators on the CPU too, as on a device. Wanted where weights
    /// are of 16 bits, which the kernels do not read.
    void use_plain_operators(bool on) { plain_ = on; }
    /// What the next training passes drop is a function of this number alone.
    void set_dropout_key(std::uint64_t key) { dropout_key_ = key; }

private:
    void require_legal(const at::Tensor& x) const;
    at::Tensor dropout_mask(const at::Tensor& x) const;

    entries::MimIstdConfig config_;
    std::map<std::string, at::Tensor> tensors_;
    bool training_ = false, reference_scan_ = false, plain_ = false;
    std::uint64_t dropout_key_ = 0;
};

}  // namespace spectile::networks
