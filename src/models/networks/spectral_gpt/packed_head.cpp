#include "models/networks/spectral_gpt/packed_head.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/matmul.h>

#include <map>

namespace spectile::networks::gpt {
namespace {

constexpr std::size_t kWideGroups = 32, kNarrowGroups = 16;  // Those of dense_head.cpp.

/// A 1x1 convolution [out, in] with its bias, in double.
struct Conv {
    at::Tensor weight, bias;

    Conv then(const Conv& next) const {
        return {at::matmul(next.weight, weight), at::matmul(next.weight, bias) + next.bias};
    }
    /// Of the inputs [first, first + count), with the bias or without.
    Conv slice(std::int64_t first, std::int64_t count, bool with_bias) const {
        return {weight.narrow(1, first, count), with_bias ? bias : at::zeros_like(bias)};
    }
    kernels::PixelMatrix packed() const {
        const auto values = weight.to(at::kFloat).contiguous(), biases = bias.to(at::kFloat).contiguous();
        return {values.data_ptr<float>(), biases.data_ptr<float>(), static_cast<std::size_t>(values.size(0)),
                static_cast<std::size_t>(values.size(1))};
    }
};

std::vector<float> floats(const at::Tensor& tensor) {
    const auto values = tensor.contiguous();
    return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

class HeadPacker {
public:
    explicit HeadPacker(SpectralGpt& network) {
        for (const auto& named : network.tensors()) tensors_[named.name] = named.tensor.detach();
    }

    kernels::DenseHeadWeights pack() const {
        kernels::DenseHeadWeights out;
        for (std::size_t i = 0; i < 4; ++i) out.scales[i] = scale(i);
        pack_pyramid(out);
        for (std::size_t i = 0; i < 3; ++i) {
            const auto name = decoder("Conv_fuse" + std::to_string(i + 1));
            out.joins[i] = {norm(name, kNarrowGroups), conv(name + "_.0").packed(),
                            norm(name + "_", kNarrowGroups)};
        }
        out.conv_x1 = conv(decoder("conv_x1")).packed();
        const Conv fuse = conv(decoder("fuse_all.0"));
        const std::int64_t width = fuse.weight.size(0);
        for (int i = 0; i < 4; ++i)
            out.fuse[static_cast<std::size_t>(i)] =
                fuse.slice(i * width, width, /*with_bias=*/i == 3).packed();
        out.fuse_norm = norm(decoder("fuse_all"), kNarrowGroups);
        pack_classes(out);
        return out;
    }

private:
    static std::string decoder(const std::string& name) { return "decoder." + name; }
    Conv conv(const std::string& name) const {
        return {tensors_.at(name + ".weight").flatten(1).to(at::kDouble),
                tensors_.at(name + ".bias").to(at::kDouble)};
    }
    kernels::GroupNorm norm(const std::string& name, std::size_t groups) const {
        return {floats(tensors_.at(name + ".1.weight")), floats(tensors_.at(name + ".1.bias")), groups};
    }
    /// The coarsest is the last in the names. Enlarged it goes into the join of its size at once.
    kernels::DenseHeadWeights::Scale scale(std::size_t coarsest_first) const {
        const auto name = "conv" + std::to_string(3 - coarsest_first);
        kernels::DenseHeadWeights::Scale out{conv(name + ".0").packed(), norm(name, kWideGroups), {}};
        if (coarsest_first == 0) return out;
        const auto join = conv(decoder("Conv_fuse" + std::to_string(coarsest_first) + ".0"));
        const auto weight = tensors_.at(name + ".3.weight").flatten(2);  // [in, out, place]
        const auto bias = tensors_.at(name + ".3.bias").to(at::kDouble);
        for (std::int64_t place = 0; place < weight.size(2); ++place)
            out.enlarged.push_back(
                Conv{weight.select(2, place).t().to(at::kDouble), bias}.then(join).packed());
        return out;
    }
    void pack_pyramid(kernels::DenseHeadWeights& out) const {
        const auto name = decoder("PPMHead.");
        const Conv final = conv(name + "final.0");
        const std::int64_t width = final.weight.size(0);
        for (int i = 0; i < 4; ++i)
            out.pools[static_cast<std::size_t>(i)] =
                conv(name + "psp_modules." + std::to_string(i) + ".1")
                    .then(final.slice(i * width, width, /*with_bias=*/false))
                    .packed();
        out.pyramid = final.slice(4 * width, final.weight.size(1) - 4 * width, /*with_bias=*/true).packed();
        out.pyramid_norm = norm(name + "final", kNarrowGroups);
    }
    void pack_classes(kernels::DenseHeadWeights& out) const {
        const auto& weight = tensors_.at("cls_seg.0.weight");  // [class, in, row, column]
        out.class_bias = floats(tensors_.at("cls_seg.0.bias"));
        const auto by_place = weight.permute({2, 3, 0, 1}).reshape({-1, weight.size(1)}).contiguous();
        out.classes = {by_place.data_ptr<float>(), nullptr, static_cast<std::size_t>(by_place.size(0)),
                       static_cast<std::size_t>(by_place.size(1))};
    }

    std::map<std::string, at::Tensor> tensors_;
};

}  // namespace

std::shared_ptr<const kernels::DenseHead> pack_head(SpectralGpt& network) {
    if (!network.config().dense()) return nullptr;
    const at::NoGradGuard no_grad;
    return std::make_shared<const kernels::DenseHead>(static_cast<std::size_t>(network.config().grid()),
                                                      HeadPacker(network).pack());
}

}  // namespace spectile::networks::gpt
