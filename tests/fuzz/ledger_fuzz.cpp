// Any bytes as a journal: damaged lines are passed over, and no part comes out whose line's checksum does not
// fit.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "core/ledger.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string folder =
        (std::filesystem::temp_directory_path() / ("ledger-fuzz-" + std::to_string(::getpid()))).string();
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/ledger-fuzz.log", std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    const spectile::Ledger ledger(folder);
    return 0;
}
