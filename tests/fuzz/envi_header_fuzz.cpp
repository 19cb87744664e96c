// Any text as an ENVI header: what cannot be used is a warning, never a crash.
#include <cstdint>
#include <string_view>

#include "raster/envi_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 1 << 16) return 0;
    spectile::parse_envi_header({reinterpret_cast<const char*>(data), size});
    return 0;
}
