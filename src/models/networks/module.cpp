#include "spectile/module.hpp"

#include "models/networks/libtorch_state.hpp"
#include "models/networks/registry.hpp"
#include "spectile/error.hpp"

namespace spectile {

// src/training/train.hpp: declared, not included, since training includes this folder and never the other way
// round.
namespace training {
TrainingResult train(const Training& training, const TrainingOptions& options);
}  // namespace training

namespace {

class LibTorchModule final : public NetworkModule {
public:
    LibTorchModule() { networks::quiet_libtorch(); }

    std::unique_ptr<Model> load(const ModelCard& card, const std::string& device) const override {
        return networks::network_entry(card.architecture).load(card, device);
    }

    std::unique_ptr<Model> load_random(const ModelCard& card, std::uint64_t seed,
                                       const std::string& device) const override {
        const auto& entry = networks::network_entry(card.architecture);
        if (!entry.load_random)
            throw Error(Code::model, card.file + ": architecture " + card.architecture +
                                         " cannot run without its weights");
        return entry.load_random(card, seed, device);
    }

    ExpectedWeights expected_weights(const std::string& architecture,
                                     const std::string& parameters) const override {
        return networks::expected_weights(architecture, parameters);
    }

    TrainingResult train([[maybe_unused]] const Training& training,
                         [[maybe_unused]] const TrainingOptions& options) const override {
#ifdef SPECTILE_HAS_TRAINING
        return ::spectile::training::train(training, options);
#else
        throw Error(Code::device, "this build has no training; build with src/training");
#endif
    }

    std::string describe() const override { return networks::describe_libtorch(); }
};

}  // namespace
}  // namespace spectile

extern "C" __attribute__((visibility("default"))) const spectile::NetworkModule* spectile_network_module() {
    static const spectile::LibTorchModule module;
    return &module;
}
