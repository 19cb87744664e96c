#pragma once

#include <string>

namespace spectile::networks {

/// What the user's `--device` means on this machine: "cpu", or "cuda" with a number ("cuda:0").
///
/// `auto` takes the CPU where there is no CUDA device or the architecture has no CUDA version (`can_cuda`
/// false). Throws Error{Code::device} where CUDA is asked for and cannot be had, Error{Code::usage} for
/// anything else.
std::string resolve_device(const std::string& device, bool can_cuda);

}  // namespace spectile::networks
