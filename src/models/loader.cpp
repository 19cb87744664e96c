#include "models/loader.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "core/device.hpp"
#include "core/own_folder.hpp"
#include "models/entries/registry.hpp"
#include "models/flips.hpp"
#include "models/native/registry.hpp"
#include "models/selftest.hpp"
#include "spectile/error.hpp"
#include "spectile/module.hpp"

namespace spectile {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModuleFile = "spectile_networks.so";
constexpr const char* kModuleEntry = "spectile_network_module";

/// Where the module may lie: beside the program, above it (test programs), or installed.
std::vector<fs::path> places() {
    if (const char* named = std::getenv("SPECTILE_MODULE"); named && *named) {
        const fs::path path = named;
        return {fs::is_directory(path) ? path / kModuleFile : path};
    }
    const fs::path folder = own_folder();
    return {folder / kModuleFile, folder.parent_path() / kModuleFile,
            folder.parent_path().parent_path() / kModuleFile,
            own_prefix() / "lib" / "spectile" / kModuleFile};
}

fs::path find_module() {
    std::string tried;
    for (const auto& place : places()) {
        if (fs::exists(place)) return place;
        tried += (tried.empty() ? "" : ", ") + place.string();
    }
    throw Error(Code::device,
                std::string(kModuleFile) + " (LibTorch) is not installed beside the program; set " +
                    "SPECTILE_MODULE to its path",
                "looked at " + tried);
}

const NetworkModule& open_module() {
    const auto path = find_module();
    // Never closed: LibTorch's threads and registrations outlive any use of ours.
    void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char* said = ::dlerror();
        throw Error(Code::device, path.string() + ": cannot be loaded; is LibTorch installed?",
                    said ? said : "");
    }
    using Entry = const NetworkModule* (*)();
    const auto entry = reinterpret_cast<Entry>(::dlsym(handle, kModuleEntry));
    if (!entry) throw Error(Code::device, path.string() + ": is not spectile's network module");
    return *entry();
}

/// Whether the device asked for is the CPU. Where LibTorch has to say whether there is another, it is the
/// network's to choose.
bool runs_natively(const native::NativeEntry& entry, const std::string& device) {
    if (!entry.network && !parse_device(device).cuda.empty())
        throw Error(Code::device, "--device " + device + ": architecture " + entry.name +
                                      " runs on the CPU; use --device cpu or auto");
    return !entry.network || !goes_to_cuda(device);
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
}

/// Which numbers a model computes in depends on where it runs.
void check_precision(const ModelCard& card, const std::string& device) {
    if (card.precision == Precision::float32) return;
    const std::string key = std::string("precision: ") + precision_name(card.precision);
    const bool cuda = goes_to_cuda(device);
    if (!cuda && card.precision == Precision::float16)
        throw Error(Code::definition,
                    key +
                        " is for CUDA devices, not for the CPU; use bfloat16 or leave it out, or name the " +
                        "device: --device cuda");
    const auto& able = half_architectures(cuda);
    if (std::find(able.begin(), able.end(), card.architecture) != able.end()) return;
    throw Error(Code::definition, key + " is for " + joined(able) + (cuda ? " on a device" : " on the CPU") +
                                      ", not for " + card.architecture + "; leave it out");
}

}  // namespace

const NetworkModule& network_module() {
    static const NetworkModule& module = open_module();
    return module;
}

bool opens_module(const ModelCard& card, const std::string& device) {
    const auto* entry = native::find_entry(card.architecture);
    check_precision(card, device);
    return !entry || !runs_natively(*entry, device);
}

std::unique_ptr<Model> load_model(const ModelCard& card, const std::string& device) {
    traits_of(card);  // What is wrong with the card comes before what is wrong with the device.
    check_device(device);
    const auto* entry = native::find_entry(card.architecture);
    auto model = opens_module(card, device) ? network_module().load(card, device) : entry->load(card);
    run_selftest(card, *model);
    return card.flips ? over_flips(std::move(model)) : std::move(model);
}

}  // namespace spectile
