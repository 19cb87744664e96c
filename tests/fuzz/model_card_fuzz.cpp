// Any text as a model card: an Error or a card, nothing else.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 1 << 16) return 0;
    static const std::string folder =
        (std::filesystem::temp_directory_path() / ("card-fuzz-" + std::to_string(::getpid()))).string();
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/model.yaml", std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    try {
        spectile::read_model_card(folder);
    } catch (const spectile::Error&) {
    }
    return 0;
}
