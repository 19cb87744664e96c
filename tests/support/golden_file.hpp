#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

// Golden vectors: safetensors files of reference inputs and outputs, read whole. A reader for tests, on
// purpose independent of the program's own: both would have to be wrong in the same way to agree.
// Header-only.

namespace spectile::test {

/// One tensor in C order. Floating types (F16, F32, F64) fill `values`, integers (U8, BOOL, I32, I64)
/// `integers`.
struct GoldenTensor {
    std::vector<std::int64_t> shape;
    std::string dtype;  ///< As safetensors spells it.
    std::vector<float> values;
    std::vector<std::int64_t> integers;

    std::int64_t dim(std::size_t axis) const { return shape.at(axis); }
    std::size_t size() const { return std::max(values.size(), integers.size()); }
    const float* data() const { return values.data(); }
};

/// One file: tensors by key (sorted) and the strings of `__metadata__`.
struct GoldenFile {
    std::filesystem::path path;
    std::map<std::string, std::string> metadata;
    std::map<std::string, GoldenTensor> tensors;

    std::string stem() const { return path.stem().string(); }
    bool has(const std::string& key) const { return tensors.count(key) != 0; }
    /// Throws std::out_of_range naming file and key.
    const GoldenTensor& at(const std::string& key) const {
        const auto found = tensors.find(key);
        if (found == tensors.end()) throw std::out_of_range(path.string() + ": no tensor " + key);
        return found->second;
    }
    /// The tensor's values, or null where the file has none (optional inputs).
    const float* data_or_null(const std::string& key) const { return has(key) ? at(key).data() : nullptr; }
    /// A metadata string; empty where absent.
    std::string meta(const std::string& key) const {
        const auto found = metadata.find(key);
        return found == metadata.end() ? std::string() : found->second;
    }
    /// The network's configuration: `__metadata__.config` as JSON. Throws where absent.
    nlohmann::json config() const { return nlohmann::json::parse(meta("config")); }
};

namespace golden_detail {

inline float float_of_half(std::uint16_t half) {
    const int exponent = (half >> 10) & 31;
    const int fraction = half & 1023;
    const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
    if (exponent == 31) {
        return fraction != 0 ? std::numeric_limits<float>::quiet_NaN()
                             : sign * std::numeric_limits<float>::infinity();
    }
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
    return sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

template <typename Stored, typename Value, typename Convert>
std::vector<Value> converted(std::span<const char> bytes, Convert convert) {
    std::vector<Value> out(bytes.size() / sizeof(Stored));
    for (std::size_t i = 0; i < out.size(); ++i) {
        Stored stored;
        std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
        out[i] = static_cast<Value>(convert(stored));
    }
    return out;
}

inline void fill(GoldenTensor& tensor, std::span<const char> bytes) {
    const auto same = [](auto value) { return value; };
    if (tensor.dtype == "F32")
        tensor.values = converted<float, float>(bytes, same);
    else if (tensor.dtype == "F64")
        tensor.values = converted<double, float>(bytes, same);
    else if (tensor.dtype == "F16")
        tensor.values = converted<std::uint16_t, float>(bytes, float_of_half);
    else if (tensor.dtype == "I64")
        tensor.integers = converted<std::int64_t, std::int64_t>(bytes, same);
    else if (tensor.dtype == "I32")
        tensor.integers = converted<std::int32_t, std::int64_t>(bytes, same);
    else if (tensor.dtype == "U8" || tensor.dtype == "BOOL")
        tensor.integers = converted<std::uint8_t, std::int64_t>(bytes, same);
    else
        throw std::runtime_error("golden tensor of unknown type " + tensor.dtype);
}

}  // namespace golden_detail

/// Reads a whole file. Throws std::exception naming it where it is not a well-formed safetensors file.
inline GoldenFile read_golden(const std::filesystem::path& path) {
    static_assert(std::endian::native == std::endian::little, "golden files are little-endian");
    const auto broken = [&](const char* why) { return std::runtime_error(path.string() + ": " + why); };
    std::ifstream in(path, std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    std::uint64_t header_size = 0;
    if (bytes.size() < sizeof(header_size)) throw broken("cannot be read");
    std::memcpy(&header_size, bytes.data(), sizeof(header_size));
    if (header_size > bytes.size() - sizeof(header_size)) throw broken("header is longer than the file");
    const char* header = bytes.data() + sizeof(header_size);
    const std::span<const char> data(header + header_size, bytes.data() + bytes.size());

    GoldenFile file;
    file.path = path;
    const auto entries = nlohmann::json::parse(header, header + header_size);
    for (const auto& [key, entry] : entries.items()) {
        if (key == "__metadata__") {
            file.metadata = entry.get<std::map<std::string, std::string>>();
            continue;
        }
        GoldenTensor tensor;
        tensor.dtype = entry.at("dtype").get<std::string>();
        tensor.shape = entry.at("shape").get<std::vector<std::int64_t>>();
        const auto range = entry.at("data_offsets").get<std::vector<std::size_t>>();
        if (range.size() != 2 || range[0] > range[1] || range[1] > data.size())
            throw broken("offsets out of range");
        golden_detail::fill(tensor, data.subspan(range[0], range[1] - range[0]));
        std::size_t expected = 1;
        for (const auto dim : tensor.shape) expected *= static_cast<std::size_t>(dim);
        if (expected != tensor.size()) throw broken("size and shape disagree");
        file.tensors.emplace(key, std::move(tensor));
    }
    return file;
}

/// The folder of golden vectors: $SPECTILE_GOLDEN, else ../shared/golden beside the source tree.
inline std::filesystem::path golden_root() {
    if (const char* named = std::getenv("SPECTILE_GOLDEN"); named != nullptr && *named != '\0') return named;
    return std::filesystem::path(SPECTILE_SOURCE_DIR) / ".." / "shared" / "golden";
}

/// True where the tests should skip: no folder was named and the default one is not there. A folder that WAS
/// named and holds nothing for a network is a failure of the test, never a skip.
inline bool golden_absent() {
    const char* named = std::getenv("SPECTILE_GOLDEN");
    return (named == nullptr || *named == '\0') && !std::filesystem::is_directory(golden_root());
}

/// Every *.safetensors of `golden_root()/network`, by name, listed now; with `kind`, those whose metadata
/// says so.
inline std::vector<GoldenFile> golden_files(const std::string& network, const std::string& kind = {}) {
    std::vector<std::filesystem::path> paths;
    const auto folder = golden_root() / network;
    if (std::filesystem::is_directory(folder))
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().extension() == ".safetensors") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<GoldenFile> files;
    for (const auto& path : paths) {
        auto file = read_golden(path);
        if (kind.empty() || file.meta("kind") == kind) files.push_back(std::move(file));
    }
    return files;
}

/// max |ours - golden| / max |golden|. Infinite where anything of ours is not finite, where the sizes differ,
/// or where the golden tensor is all zero and ours is not.
inline double golden_error(std::span<const float> ours, std::span<const float> golden) {
    constexpr double kInfinite = std::numeric_limits<double>::infinity();
    if (ours.size() != golden.size()) return kInfinite;
    double worst = 0;
    double largest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (!std::isfinite(ours[i])) return kInfinite;
        worst = std::max(worst, std::abs(static_cast<double>(ours[i]) - static_cast<double>(golden[i])));
        largest = std::max(largest, std::abs(static_cast<double>(golden[i])));
    }
    if (largest == 0) return worst == 0 ? 0 : kInfinite;
    return worst / largest;
}
inline double golden_error(std::span<const float> ours, const GoldenTensor& golden) {
    return golden_error(ours, std::span<const float>(golden.values));
}

}  // namespace spectile::test
