#include "kernels/cuda_launchers.hpp"
#include "kernels/device/block_device.cuh"
#include "kernels/device/prepare.cuh"

namespace spectile::kernels {
namespace {

using namespace device;

template <class Raw, class Out>
const char* launch_as(const PrepareCall& call, void* stream) {
    const PrepareBands<Raw, Out> kernel{static_cast<const Raw*>(call.raw),
                                        call.valid,
                                        call.pixels,
                                        call.bands,
                                        {call.band, call.factor, call.offset, call.mean, call.deviation},
                                        static_cast<Out*>(call.out)};
    return launch(kernel, kernel.blocks(), stream);
}

template <class Raw>
const char* launch_from(const PrepareCall& call, void* stream) {
    switch (call.model_type) {
        case ModelType::float32:
            return launch_as<Raw, float>(call, stream);
        case ModelType::half:
            return launch_as<Raw, Half>(call, stream);
        case ModelType::bfloat16:
            return launch_as<Raw, BFloat16>(call, stream);
    }
    return "unknown type of the model's input";
}

}  // namespace

const char* cuda_prepare_bands(const PrepareCall& call, void* stream) {
    switch (call.raw_type) {
        case RawType::uint8:
            return launch_from<std::uint8_t>(call, stream);
        case RawType::uint16:
            return launch_from<std::uint16_t>(call, stream);
        case RawType::int16:
            return launch_from<std::int16_t>(call, stream);
        case RawType::float32:
            return launch_from<float>(call, stream);
    }
    return "unknown type of the raw bands";
}

}  // namespace spectile::kernels
