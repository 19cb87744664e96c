#pragma once

#include <string>
#include <vector>

namespace spectile::cuda {

/// One launch of a kernel at a size that a model really has, with what it must do at least. Counts, not
/// measurements.
struct PlannedLaunch {
    std::string name;  ///< As the launcher is called.
    std::string size;  ///< For a table.
    double bytes = 0;  ///< That the kernel asks of memory; operands of a few KiB that stay in cache left out.
    double least_bytes = 0;  ///< If every operand were read once and every result written once.
    double flops = 0;        ///< A fused product counts as two.
    double exps = 0;         ///< exp, exp2, log1p and the like, which share the special function units.
};

/// Sizes of one scan launch. `rank` above 0: SS2D, whose steps are projected at the visit.
struct ScanLaunch {
    double samples = 0, channels = 0, length = 0, states = 16;
    bool gated = false;
    double rank = 0;
};

PlannedLaunch planned_forward(const std::string& size, const ScanLaunch& scan);
PlannedLaunch planned_backward(const std::string& size, const ScanLaunch& scan);
/// SS2D's backward pass with the sums that follow; `samples` counts maps times directions.
PlannedLaunch planned_ss2d_backward(const std::string& size, const ScanLaunch& scan);
/// MiM-ISTD's inner SS2D with words of `width` channels.
PlannedLaunch planned_inner(const std::string& size, double sentences, double width);

/// The launches of docs/gpu.md.
std::vector<PlannedLaunch> planned_launches();

/// A device by the figures of its data sheet.
struct DeviceRates {
    const char* name;
    double bytes_per_second, flops_per_second, exps_per_second;
};
/// A100 SXM 80 GB and H100 SXM: float32 outside the tensor cores; 16 special function results per
/// multiprocessor and cycle at the clock that the float32 figure implies (1.41 and 1.98 GHz).
std::vector<DeviceRates> device_rates();

/// The shortest time that a launch can take: the slowest of memory, arithmetic and exponentials, all
/// overlapping.
double least_seconds(const PlannedLaunch& launch, const DeviceRates& device);

}  // namespace spectile::cuda
