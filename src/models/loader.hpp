#pragma once

#include <string>

#include "spectile/model.hpp"

namespace spectile {

/// Whether a model of this card needs LibTorch's module on this device: what it takes in memory counts.
/// Throws Error{Code::device} where the device is not one for the architecture, Error{Code::definition} where
/// the precision is not.
bool opens_module(const ModelCard& card, const std::string& device);

}  // namespace spectile
