#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "spectile/model.hpp"

namespace spectile::native {

/// An architecture whose models run on the CPU with nothing but our own kernels: the program then starts
/// without LibTorch, whose loading takes longer than a small scene.
struct NativeEntry {
    std::string name;
    /// Loads the card's weights. Throws Error{Code::model} or Error{Code::verification}.
    std::function<std::unique_ptr<Model>(const ModelCard& card)> load;
    /// Whether there is a network of the same name too, which runs on CUDA devices.
    bool network = true;
};

/// Null where the architecture needs LibTorch.
const NativeEntry* find_entry(const std::string& architecture);

}  // namespace spectile::native
