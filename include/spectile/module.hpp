#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "spectile/model.hpp"
#include "spectile/training.hpp"

namespace spectile {

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
