#include "training/mixed_precision.hpp"

#include <ATen/autocast_mode.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>

#include "spectile/error.hpp"
#include "training/optimiser.hpp"

namespace spectile::training {
namespace {

constexpr double kLargestScale = 65536.0 * 65536.0;

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
void set_autocast(at::DeviceType device, at::ScalarType type, bool on) {
    at::autocast::set_autocast_dtype(device, type);
    at::autocast::set_autocast_enabled(device, on);
}
#else
void set_autocast(at::DeviceType device, at::ScalarType type, bool on) {
    if (device == at::kCUDA) {
        at::autocast::set_autocast_gpu_dtype(type);
        at::autocast::set_enabled(on);
    } else {
        at::autocast::set_autocast_cpu_dtype(type);
        at::autocast::set_cpu_enabled(on);
    }
}
#endif

}  // namespace

at::ScalarType type_of_precision(const std::string& precision) {
    if (precision == "bfloat16") return at::kBFloat16;
    return precision == "float16" ? at::kHalf : at::kFloat;
}

void check_precision(const std::string& precision, at::Device device, const std::string& file,
                     const std::string& key) {
    if (type_of_precision(precision) == at::kHalf && device.is_cpu())
        throw Error(Code::definition,
                    fmt::format("{}: {}: float16 trains on CUDA devices alone; give --device "
                                "cuda, or bfloat16 or float32",
                                file, key));
}

Autocast::Autocast(at::Device device, at::ScalarType type)
    : device_(device), type_(type), cached_(at::autocast::is_autocast_cache_enabled()) {
    if (type_ == at::kFloat) return;
    at::autocast::set_autocast_cache_enabled(false);
    set_autocast(device_.type(), type_, true);
}

Autocast::~Autocast() {
    if (type_ == at::kFloat) return;
    set_autocast(device_.type(), type_, false);
    at::autocast::set_autocast_cache_enabled(cached_);
}

LossScale LossScale::for_type(at::ScalarType type) {
    return type == at::kHalf ? LossScale{.moves = true, .value = kFirst} : LossScale{};
}

LossScale::Step LossScale::unscale(double loss, const std::vector<at::Tensor>& gradients) {
    // A power of 2: exact, but for what is too small for a float32.
    if (value != 1) scale_gradients(gradients, 1 / value);
    if (std::isfinite(loss) && std::isfinite(gradient_norm(gradients))) {
        if (moves && ++good_steps == kGoodSteps) {
            value = std::min(kLargestScale, value * 2);
            good_steps = 0;
        }
        return Step::taken;
    }
    if (value <= 1) return Step::hopeless;
    value /= 2;
    good_steps = 0;
    return Step::left_out;
}

}  // namespace spectile::training
