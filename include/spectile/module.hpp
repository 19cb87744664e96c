#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "spectile/model.hpp"
#include "spectile/training.hpp"

namespace spectile {

/// What an architecture looks for in a file of weights.
struct ExpectedWeights {
    struct Tensor {
        std::string name;
        std::vector<std::int64_t> shape;
    };
    std::vector<Tensor> tensors;
    /// Whether a key of published files is left out without a word: the network has no use for it, and it may
    /// be absent or of any shape. Empty: there are no such keys.
    std::function<bool(const std::string& key)> is_unread;
};

/// What the module library with LibTorch offers; the only way in. The program opens the library when
/// something first infers or trains.
class NetworkModule {
public:
    virtual ~NetworkModule() = default;
    /// Loads weights (checked against the card's SHA-256) and runs the card's self-test where it has one.
    /// Throws Error{Code::model} (absent or misshapen weights), Error{Code::verification} (hash, self-test),
    /// Error{Code::device}.
    virtual std::unique_ptr<Model> load(const ModelCard& card, const std::string& device) const = 0;
    /// The same with random weights drawn from `seed`: for benchmarks of a card without weights.
    virtual std::unique_ptr<Model> load_random(const ModelCard& card, std::uint64_t seed,
                                               const std::string& device) const = 0;
    /// The tensors that an architecture reads, for converting published checkpoints. `parameters` is the
    /// card's JSON object. Throws Error{Code::model} for an architecture without weights of its own, and
    /// naming the parameter that is wrong.
    virtual ExpectedWeights expected_weights(const std::string& architecture,
                                             const std::string& parameters) const = 0;
    /// Trains and writes the model folder, or runs a cross-validation, which writes none.
    virtual TrainingResult train(const Training& training, const TrainingOptions& options) const = 0;
    /// LibTorch's version and the vector level in use, for provenance: JSON object.
    virtual std::string describe() const = 0;
};

/// Opens the module library (once) beside the program, under ../lib/spectile, or where SPECTILE_MODULE
/// points. Throws Error{Code::device} naming what the loader said.
const NetworkModule& network_module();

/// Loads any model: `identity` without LibTorch, everything else through the module.
std::unique_ptr<Model> load_model(const ModelCard& card, const std::string& device);

}  // namespace spectile
