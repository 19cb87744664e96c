// Any text as a pipeline and as a training definition: an Error or a definition, nothing else.
#include <cstdint>
#include <string>

#include "pipeline/read_pipeline.hpp"
#include "pipeline/read_training.hpp"
#include "spectile/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 1 << 16) return 0;
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        spectile::read_pipeline_text(text, "fuzz.yaml", {});
    } catch (const spectile::Error&) {
    }
    try {
        spectile::read_training_text(text, "fuzz.yaml", {});
    } catch (const spectile::Error&) {
    }
    return 0;
}
