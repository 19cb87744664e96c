#pragma once

#include "golden/golden_case.hpp"
#include "models/networks/mim_istd/network.hpp"
#include "models/networks/mim_istd/pass.hpp"

namespace spectile::test {

/// Tolerances of the MiM-ISTD golden README, which differ from part to part. Its 1e-3 for the gradients of a
/// step in float32 holds where no ReLU's sign is another than in the file; another order of summation
/// (another BLAS, wider vectors) may flip one, which then shows as some 1e-3 (3.4e-3 was met). Arithmetic is
/// judged in float64, and part by part.
struct MimTolerance {
    double part, part_gradient, full, train_logits, train_gradient, statistics;
};

inline MimTolerance mim_tolerance(const Arithmetic& how) {
    return how.type == at::kDouble ? MimTolerance{1e-6, 1e-6, 1e-6, 1e-6, 3e-6, 1e-6}
                                   : MimTolerance{1e-5, 1e-4, 1e-4, 2e-4, 5e-3, 1e-4};
}

/// Files of one case of the folder `mim_istd`.
inline std::vector<GoldenFile> mim_files(const std::string& kind) {
    std::vector<GoldenFile> files;
    for (auto& file : golden_files("mim_istd"))
        if (file.meta("case") == kind) files.push_back(std::move(file));
    return files;
}

/// `state.*` of a file by name; parameters ask for gradients.
inline std::map<std::string, at::Tensor> state_of(const GoldenFile& file, at::ScalarType type) {
    std::map<std::string, at::Tensor> state;
    for (const auto& [key, tensor] : file.tensors)
        if (key.starts_with("state.") && !key.ends_with("num_batches_tracked")) {
            const auto name = key.substr(6);
            const bool buffer = name.find("running_") != std::string::npos;
            state[name] = tensor_of(tensor, type).set_requires_grad(!buffer);
        }
    return state;
}

/// Remembers everything that a pass shows.
struct Seen {
    std::map<std::string, at::Tensor> tensors;
    networks::Observer observer = [this](const std::string& name, const at::Tensor& value) {
        tensors[name] = value;
    };
};

/// The official network with the weights of full_state.
inline std::unique_ptr<networks::MimIstd> full_network(const GoldenFile& state, const Arithmetic& how,
                                                       double dropout = 0.1) {
    entries::MimIstdConfig config;
    config.dropout = dropout;
    auto network = std::make_unique<networks::MimIstd>(config, /*seed=*/1);
    network->use_reference_scan(how.reference_scan);
    for (auto& named : network->tensors()) {
        const auto value = tensor_of(state.at("state." + named.name), how.type);
        EXPECT_EQ(named.tensor.sizes(), value.sizes()) << named.name;
        named.tensor.set_data(value);
    }
    return network;
}

}  // namespace spectile::test
