#pragma once

#include <c10/core/Device.h>

namespace spectile::test {

/// A device for tests on machines without one: host memory under a device type of its own (LibTorch's XPU,
/// which nothing else uses here). Tensors on it reach no kernel of the CPU: `data_ptr` is theirs, but whoever
/// asks whether they lie on the CPU hears no, as with CUDA. Operators are worked out by the CPU's kernels in
/// the same memory, once it is sure that all their tensors lie on the device; one among them that lies on the
/// CPU and is no single number is an exception that names the operator, as CUDA has it.
///
/// Link support/stand_in_device.cpp.
at::Device stand_in_device();

}  // namespace spectile::test
