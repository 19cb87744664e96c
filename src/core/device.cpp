#include "core/device.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "spectile/error.hpp"

namespace spectile {
namespace {

// Of the driver's interface, which has not changed since CUDA 2: both functions return 0 for success.
constexpr int kNoDevice = 100;
using Init = int (*)(unsigned flags);
using GetCount = int (*)(int* count);

CudaDriver none(const std::string& fault) { return {0, fault}; }

CudaDriver ask_driver() {
    // Never closed: a CUDA LibTorch may use the same driver for as long as the program runs.
    void* library = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return none("no NVIDIA driver is installed");
    const auto init = reinterpret_cast<Init>(::dlsym(library, "cuInit"));
    const auto get_count = reinterpret_cast<GetCount>(::dlsym(library, "cuDeviceGetCount"));
    if (!init || !get_count) return none("libcuda.so.1 is not NVIDIA's driver");
    int count = 0;
    int status = init(0);
    if (status == 0) status = get_count(&count);
    if (status == kNoDevice || (status == 0 && count == 0)) return none("the NVIDIA driver finds no device");
    if (status != 0)
        return none("the NVIDIA driver cannot start (CUDA error " + std::to_string(status) + ")");
    return {count, {}};
}

int device_number(std::string_view text) {
    int number = -1;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    return status == std::errc() && end == text.data() + text.size() ? number : -1;
}

}  // namespace

DeviceChoice parse_device(const std::string& text) {
    const auto refuse = [&](const std::string& why) {
        throw Error(Code::usage, "--device " + text + ": " + why);
    };
    const char* const forms = "must be auto, cpu, cuda, cuda:N or cuda:N,M";
    if (text.empty() || text == "auto") return {true, {}};
    if (text == "cpu") return {};
    if (text == "cuda") return {false, {0}};
    if (!text.starts_with("cuda:")) refuse(forms);
    DeviceChoice choice;
    for (std::size_t begin = 5; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const int number = device_number(std::string_view(text).substr(begin, end - begin));
        if (number < 0) refuse(forms);
        if (std::find(choice.cuda.begin(), choice.cuda.end(), number) != choice.cuda.end())
            refuse("device " + std::to_string(number) + " is named twice");
        choice.cuda.push_back(number);
        begin = end + 1;
    }
    return choice;
}

const CudaDriver& cuda_driver() {
    static const CudaDriver driver = ask_driver();
    return driver;
}

bool goes_to_cuda(const std::string& text) {
    const DeviceChoice choice = parse_device(text);
    return !choice.cuda.empty() || (choice.automatic && cuda_driver().devices > 0);
}

void check_device(const std::string& text) {
    const DeviceChoice choice = parse_device(text);
    if (choice.cuda.empty()) return;
    const CudaDriver& driver = cuda_driver();
    if (driver.devices == 0)
        throw Error(Code::device, "--device " + text + ": " + driver.fault + "; use --device cpu or auto");
    const int last = *std::max_element(choice.cuda.begin(), choice.cuda.end());
    if (last >= driver.devices)
        throw Error(Code::device, "--device " + text + ": this machine has CUDA devices 0 to " +
                                      std::to_string(driver.devices - 1));
}

}  // namespace spectile
