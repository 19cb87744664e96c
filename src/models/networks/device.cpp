#include "models/networks/device.hpp"

#include <ATen/Context.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>

#include "core/device.hpp"
#include "models/entries/registry.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

void keep_float32() {
    auto& context = at::globalContext();
    context.setAllowTF32CuBLAS(false);
    context.setAllowTF32CuDNN(false);
    context.setBenchmarkCuDNN(false);
    context.setDeterministicCuDNN(true);
    // Products of 16 bits have sums of 32.
    context.setAllowFP16ReductionCuBLAS(false);
#if TORCH_VERSION_MAJOR >= 2
    context.setAllowBF16ReductionCuBLAS(false);
#endif
}

}  // namespace

std::vector<std::string> resolve_devices(const std::string& device) {
    DeviceChoice choice = parse_device(device);
    const bool torch_cuda = torch::cuda::is_available();
    if (choice.automatic && torch_cuda) choice.cuda = {0};
    if (choice.cuda.empty()) return {"cpu"};
    check_device(choice.automatic ? "cuda:0" : device);
    if (!torch_cuda)
        throw Error(Code::device,
                    "--device " + device + ": this build of LibTorch has no CUDA; use --device cpu or auto");
    keep_float32();
    std::vector<std::string> devices;
    for (const int number : choice.cuda) devices.push_back("cuda:" + std::to_string(number));
    return devices;
}

void require_cpu(const std::string& device) {
    if (!parse_device(device).cuda.empty())
        throw Error(Code::device,
                    "--device " + device + ": this architecture runs on the CPU; use --device cpu or auto");
}

void require_precision(Precision precision, const std::string& device, const std::string& asked) {
    if (device != "cpu" || precision == Precision::float32 || !goes_to_cuda(asked)) return;
    throw Error(Code::device,
                std::string("precision: ") + precision_name(precision) +
                    " was asked of a CUDA device, but this build of LibTorch has no CUDA; use " +
                    "--device cpu");
}

void move_to_device(Network& network, const std::string& device, Precision precision) {
    const auto type = precision == Precision::float16 ? at::kHalf : at::kBFloat16;
    for (auto& named : network.tensors()) {
        named.tensor.set_requires_grad(false);
        const auto there = named.tensor.to(at::Device(device));
        named.tensor.set_data(named.product && precision != Precision::float32 ? there.to(type) : there);
    }
}

void require_finite(const float* values, std::size_t count, Precision precision) {
    if (precision != Precision::float16) return;
    if (std::all_of(values, values + count, [](float value) { return std::isfinite(value); })) return;
    throw Error(Code::model, "precision: float16: the network's numbers leave its range of 65504; use " +
                                 std::string("bfloat16 or float32"));
}

}  // namespace spectile::networks
