#pragma once

#include "kernels/device/block_device.cuh"
#include "kernels/device/scan_forward.cuh"

namespace spectile::kernels::device {

template <class Shape, class Source>
const char* launch_scan_as(const Source& source, const Output& y, float* last_state, float* checkpoints,
                           void* stream) {
    const ScanForward<Source, Shape> kernel{source, y, last_state, checkpoints,
                                            checkpoint_period(source.sizes.length)};
    return launch(kernel, kernel.blocks(), stream);
}

/// Chooses the layout by the length and the number of channels; see scan_shape.cuh.
template <class Source>
const char* launch_scan(const Source& source, const Output& y, float* last_state, float* checkpoints,
                        void* stream) {
    if (source.sizes.length <= kShortSequence)
        return launch_scan_as<ShortScan>(source, y, last_state, checkpoints, stream);
    if (source.sizes.channels >= kWidestChannels)
        return launch_scan_as<WidestScan>(source, y, last_state, checkpoints, stream);
    if (source.sizes.channels >= kWideChannels)
        return launch_scan_as<WideScan>(source, y, last_state, checkpoints, stream);
    return launch_scan_as<LongScan>(source, y, last_state, checkpoints, stream);
}

}  // namespace spectile::kernels::device
