// Any bytes as a safetensors file: an Error, or tensors that lie inside the file.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "spectile/error.hpp"
#include "weights/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    try {
        const auto file = spectile::weights::SafeTensors::parse({bytes, bytes + size}, "fuzz");
        std::size_t total = 0;
        for (const auto& [_, view] : file.tensors()) total += view.data.size();
        if (total > size) std::abort();
    } catch (const spectile::Error&) {
    }
    return 0;
}
