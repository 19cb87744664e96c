#include <cstdlib>
#include <string>

// Stands in for NVIDIA's driver in tests: a library of its name that finds as many devices as
// SPECTILE_TEST_DEVICES says, or does not start where that is "broken".

namespace {
std::string wanted() {
    const char* text = std::getenv("SPECTILE_TEST_DEVICES");
    return text ? text : "0";
}
}  // namespace

extern "C" int cuInit(unsigned) { return wanted() == "broken" ? 999 : wanted() == "0" ? 100 : 0; }

extern "C" int cuDeviceGetCount(int* count) {
    *count = std::atoi(wanted().c_str());
    return 0;
}
