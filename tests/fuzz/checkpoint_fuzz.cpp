// Any bytes as a checkpoint: an Error, or tensors whose bytes are as many as their shapes say. What is no
// container by itself is taken as the pickle in one, so that the search gets past the zip file around it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "checkpoints/checkpoint.hpp"
#include "spectile/error.hpp"
#include "support/checkpoint_file.hpp"

namespace {

/// Read of one input at most; tensors may repeat their storage, and there may be many.
constexpr std::uint64_t kMostBytes = 1U << 22;

std::string in_container(const std::string& input) {
    using spectile::test::pickled::zip;
    const bool whole = input.starts_with("PK") || input.starts_with("\x80\x02\x8a\x0a");
    return whole
               ? input
               : zip({{"a/data.pkl", input}, {"a/data/0", std::string(64, '\1')}, {"a/data/1", "12345678"}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = in_container({reinterpret_cast<const char*>(data), size});
    try {
        const auto checkpoint =
            spectile::checkpoints::Checkpoint::parse(spectile::test::pickled::bytes_of(file), "fuzz");
        std::uint64_t total = 0;
        for (const auto& [key, _] : checkpoint.tensors()) {
            if ((total += checkpoint.bytes_read(key)) > kMostBytes) break;
            std::uint64_t got = 0;
            checkpoint.read(key, [&](auto piece) { got += piece.size(); });
            if (got != checkpoint.bytes_read(key)) std::abort();
        }
    } catch (const spectile::Error&) {
    }
    return 0;
}
