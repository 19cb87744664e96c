#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "spectile/error.hpp"
#include "weights/safetensors.hpp"

namespace spectile::weights {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
    throw Error(Code::model, name + ": not a usable safetensors file: " + why);
}

[[noreturn]] void refuse_key(const std::string& name, const std::string& key, const std::string& why) {
    // Keys come from the file: quoted and escaped, so that the message stays one line.
    refuse(name, "tensor " + json(key).dump(-1, ' ', true, json::error_handler_t::replace) + ": " + why);
}

std::size_t header_size(const std::vector<std::byte>& bytes, const std::string& name) {
    if (bytes.size() < kLengthBytes) refuse(name, "shorter than 8 bytes");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), kLengthBytes);
    if (length > kMaxHeaderBytes) refuse(name, "header length " + std::to_string(length) + " is impossible");
    if (length > bytes.size() - kLengthBytes) refuse(name, "truncated in its header");
    return static_cast<std::size_t>(length);
}

/// Parses the header; a key that occurs twice in one object is an error, as readers would differ on which
/// holds.
json parse_header(const char* begin, std::size_t size, const std::string& name) {
    std::vector<std::set<std::string>> seen;
    std::optional<std::string> twice;
    const auto watch = [&](int /*depth*/, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) seen.emplace_back();
        if (event == json::parse_event_t::object_end) seen.pop_back();
        if (event == json::parse_event_t::key && !seen.back().insert(parsed.get<std::string>()).second)
            twice = parsed.get<std::string>();
        return true;
    };
    json header;
    try {
        header = json::parse(begin, begin + size, watch);
    } catch (const json::exception& e) {
        throw Error(Code::model, name + ": not a usable safetensors file: the header is not JSON", e.what());
    }
    if (twice) refuse_key(name, *twice, "occurs twice");
    if (!header.is_object()) refuse(name, "the header is not a JSON object");
    return header;
}

std::optional<ElementType> element_type_of(const json& text) {
    if (!text.is_string()) return std::nullopt;
    for (int i = 0; i <= static_cast<int>(ElementType::F64); ++i)
        if (name_of(static_cast<ElementType>(i)) == text.get_ref<const std::string&>())
            return static_cast<ElementType>(i);
    return std::nullopt;
}

/// A JSON integer in [0, 2^63); anything else is nothing.
std::optional<std::uint64_t> size_value(const json& value) {
    if (!value.is_number_unsigned()) return std::nullopt;
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return number;
}

struct Placed {
    std::uint64_t begin = 0, end = 0;
    std::string key;
    bool operator<(const Placed& other) const {
        return std::tie(begin, end, key) < std::tie(other.begin, other.end, other.key);
    }
};

TensorView view_of(const json& entry, const std::string& key, std::span<const std::byte> data,
                   const std::string& name, Placed& placed) {
    if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") ||
        !entry.contains("data_offsets"))
        refuse_key(name, key, "needs dtype, shape and data_offsets");
    const auto type = element_type_of(entry["dtype"]);
    if (!type)
        refuse_key(name, key,
                   "unknown dtype " + entry["dtype"].dump(-1, ' ', true, json::error_handler_t::replace));
    TensorView view;
    view.dtype = *type;
    std::uint64_t bytes = size_of(*type);
    if (!entry["shape"].is_array()) refuse_key(name, key, "shape is not a list");
    for (const auto& side : entry["shape"]) {
        const auto count = size_value(side);
        if (!count || __builtin_mul_overflow(bytes, *count, &bytes))
            refuse_key(name, key, "impossible shape");
        view.shape.push_back(static_cast<std::int64_t>(*count));
    }
    const auto& offsets = entry["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2) refuse_key(name, key, "data_offsets is not a pair");
    const auto begin = size_value(offsets[0]), end = size_value(offsets[1]);
    if (!begin || !end || *begin > *end) refuse_key(name, key, "impossible data_offsets");
    if (*end > data.size()) refuse_key(name, key, "lies beyond the end of the file (truncated?)");
    if (*end - *begin != bytes) refuse_key(name, key, "its size does not fit its shape and dtype");
    view.data = data.subspan(*begin, bytes);
    placed = {*begin, *end, key};
    return view;
}

std::map<std::string, std::string> metadata_of(const json& entry, const std::string& name) {
    if (!entry.is_object()) refuse(name, "__metadata__ is not an object");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) refuse(name, "__metadata__ holds something else than strings");
        metadata[key] = value.get<std::string>();
    }
    return metadata;
}

void require_cover(std::set<Placed>& placed, std::size_t size, const std::string& name) {
    std::uint64_t at = 0;
    for (const auto& tensor : placed) {
        if (tensor.begin != at) refuse_key(name, tensor.key, "overlaps another tensor or leaves a gap");
        at = tensor.end;
    }
    if (at != size) refuse(name, std::to_string(size - at) + " bytes at the end belong to no tensor");
}

}  // namespace

std::vector<std::byte> read_bytes(const std::string& path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) throw Error(Code::missing, path + ": cannot be opened", std::strerror(errno));
    std::error_code failed;
    const auto size = std::filesystem::file_size(path, failed);
    if (failed) throw Error(Code::read, path + ": is not a plain file", failed.message());
    std::vector<std::byte> bytes(size);
    const auto got = std::fread(bytes.data(), 1, bytes.size(), file.get());
    if (got != bytes.size() || std::ferror(file.get()))
        throw Error(Code::read, path + ": cannot be read to its end");
    return bytes;
}

SafeTensors SafeTensors::open(const std::string& path) { return parse(read_bytes(path), path); }

SafeTensors SafeTensors::parse(std::vector<std::byte> bytes, const std::string& name) {
    SafeTensors file;
    file.name_ = name;
    file.bytes_ = std::move(bytes);
    const auto length = header_size(file.bytes_, name);
    const json header =
        parse_header(reinterpret_cast<const char*>(file.bytes_.data()) + kLengthBytes, length, name);
    const auto data = std::span<const std::byte>(file.bytes_).subspan(kLengthBytes + length);
    std::set<Placed> placed;
    for (const auto& [key, entry] : header.items()) {
        if (key == "__metadata__") {
            file.metadata_ = metadata_of(entry, name);
            continue;
        }
        Placed place;
        file.tensors_[key] = view_of(entry, key, data, name, place);
        placed.insert(place);
    }
    require_cover(placed, data.size(), name);
    return file;
}

const TensorView& SafeTensors::at(const std::string& key) const {
    const auto found = tensors_.find(key);
    if (found == tensors_.end()) throw Error(Code::model, name_ + ": there is no tensor " + key);
    return found->second;
}

}  // namespace spectile::weights
