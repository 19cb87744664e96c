#include "models/networks/libtorch_state.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>

#include "kernels/target.hpp"

namespace spectile::networks {
namespace {

/// A function of OpenBLAS, if that is the BLAS in this process: it has no header that other BLAS would share.
template <typename Function>
Function* openblas(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

/// The vector level of LibTorch's own operators, which it says in its configuration text and nowhere else.
std::string vector_level() {
    const std::string text = at::show_config(), label = "CPU capability usage: ";
    const auto at = text.find(label);
    if (at == std::string::npos) return "unknown";
    const auto begin = at + label.size();
    return text.substr(begin, text.find('\n', begin) - begin);
}

void set_threads() {
    at::set_num_threads(1);
    at::set_num_interop_threads(1);  // May be called once per process only.
    if (auto* set = openblas<void(int)>("openblas_set_num_threads")) set(1);
}

}  // namespace

void quiet_libtorch() {
    static const bool done = (set_threads(), true);
    static_cast<void>(done);
}

std::string describe_libtorch() {
    nlohmann::json description = {{"libtorch", TORCH_VERSION},
                                  {"aten_capability", vector_level()},
                                  {"onednn", at::hasMKLDNN()},
                                  {"kernels", kernels::target_name()}};
    auto* core = openblas<char*()>("openblas_get_corename");
    description["openblas_core"] = core ? core() : "none";
    return description.dump();
}

}  // namespace spectile::networks
