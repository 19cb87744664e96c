#pragma once

#include <string>
#include <vector>

#include "spectile/model.hpp"

// What `plan` and `info` know of an architecture: its name and, from a card, its traits. No LibTorch and no
// weights; everything here is const after the first call and may be used from any thread.

namespace spectile {

/// Every architecture, in the order of src/models/architectures.cmake.
const std::vector<ModelEntry>& model_entries();

/// Throws Error{Code::model} naming `where` and, if there is one, the name that was probably meant.
const ModelEntry& model_entry(const std::string& architecture, const std::string& where);

/// Checks the card's architecture and parameters and works out the traits. Throws Error{Code::model}.
ModelTraits traits_of(const ModelCard& card);

/// The architectures that compute in 16 bits where a run asks for it, on a CUDA device or on the CPU.
const std::vector<std::string>& half_architectures(bool cuda);

/// As pipelines write it.
const char* precision_name(Precision precision);

}  // namespace spectile
