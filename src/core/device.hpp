#pragma once

#include <string>
#include <vector>

namespace spectile {

/// What `--device` asks for.
struct DeviceChoice {
    bool automatic = false;  ///< auto: CUDA where there is some, else the CPU.
    std::vector<int> cuda;   ///< CUDA devices by number, in the order given; empty for auto and cpu.
};

/// Reads auto, cpu, cuda (the first device), cuda:N and cuda:N,M. Empty text is auto. Throws
/// Error{Code::usage} naming the text for anything else, and for a device that is named twice.
DeviceChoice parse_device(const std::string& text);

/// What the machine's NVIDIA driver says. Neither the program nor a library of it is linked to the driver: it
/// is opened by its name when this is first asked.
struct CudaDriver {
    int devices = 0;
    std::string fault;  ///< Why there is none, for a message; empty where there is one.
};
const CudaDriver& cuda_driver();

/// Whether a run goes to a CUDA device: where one is named, and with `auto` where the driver finds one.
bool goes_to_cuda(const std::string& text);

/// Throws Error{Code::device} where a device is asked for that this machine does not have, Error{Code::usage}
/// where the text cannot be understood. Asks the driver only where CUDA is named.
void check_device(const std::string& text);

}  // namespace spectile
