#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace spectile::networks {

/// A parameter or buffer under its published name.
struct NamedTensor {
    std::string name;
    at::Tensor tensor;
    bool decay = true;      ///< Weight decay applies (not to biases, norms, A_log, D).
    bool trainable = true;  ///< False for buffers (running statistics).
    bool product = false;   ///< The weight of a large product, which may be of 16 bits (layers/mixed.hpp).
};

/// Called with every intermediate result that the golden files name ("gssm.dw", "blocks.0.mixer.u", ...).
using Observer = std::function<void(const std::string& name, const at::Tensor& value)>;

/// A network as training and the golden tests see it; runners for whole scenes are separate (Runner).
class Network {
public:
    virtual ~Network() = default;
    /// x: float32 [batch, channels, window, window]; gives logits [batch, classes] (or the architecture's own
    /// output).
    virtual at::Tensor forward(const at::Tensor& x, const Observer& observe = {}) = 0;
    /// Side of the square that `forward` reads.
    virtual int window() const = 0;
    /// Every tensor in a fixed order.
    virtual std::vector<NamedTensor> tensors() = 0;
    virtual void train(bool /*on*/) {}
};

/// Makes a network with initial values drawn from `seed`. `parameters` is the card's JSON object.
/// Throws Error{Code::model} naming the key.
std::unique_ptr<Network> make_network(const std::string& architecture, const std::string& parameters,
                                      std::uint64_t seed);

}  // namespace spectile::networks
