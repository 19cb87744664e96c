#pragma once

#include <string>
#include <vector>

#include "models/networks/network.hpp"
#include "spectile/model.hpp"

namespace spectile::networks {

/// What the user's `--device` means on this machine: {"cpu"}, or CUDA devices by number ({"cuda:0",
/// "cuda:1"}).
///
/// `auto` takes the first CUDA device, the CPU where there is none. Throws Error{Code::device} where CUDA is
/// asked for and cannot be had, Error{Code::usage} where the text cannot be understood. Where CUDA is chosen,
/// LibTorch is kept from what rounds more coarsely than float32 and from algorithms that it picks by timing.
std::vector<std::string> resolve_devices(const std::string& device);

/// For an architecture without a version for devices. Throws Error{Code::device} where CUDA is asked for,
/// Error{Code::usage} where the text cannot be understood.
void require_cpu(const std::string& device);

/// `device` is what became of the `asked` one. Throws Error{Code::device} where `auto` promised a device to a
/// precision and LibTorch cannot use it: the CPU's numbers are others.
void require_precision(Precision precision, const std::string& device, const std::string& asked);

/// Puts every tensor of the network there, for inference: none asks for gradients any more. Weights of large
/// products take the precision.
void move_to_device(Network& network, const std::string& device, Precision precision = Precision::float32);

/// Throws Error{Code::model} where a prediction in float16 is not finite.
void require_finite(const float* values, std::size_t count, Precision precision);

}  // namespace spectile::networks
