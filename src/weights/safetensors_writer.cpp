#include <cstring>
#include <nlohmann/json.hpp>

#include "spectile/error.hpp"
#include "weights/partial_file.hpp"
#include "weights/safetensors.hpp"
#include "weights/safetensors_stream.hpp"

namespace spectile::weights {
namespace {

constexpr std::size_t kAlignment = 8;  // Data start on 8 bytes, as the format's own writer does.

}  // namespace

std::uint64_t TensorForm::bytes() const {
    std::uint64_t bytes = size_of(dtype);
    for (const auto side : shape) bytes *= static_cast<std::uint64_t>(side);
    return bytes;
}

std::vector<std::byte> encode_header(const std::map<std::string, TensorForm>& tensors,
                                     const std::map<std::string, std::string>& metadata) {
    nlohmann::json header = nlohmann::json::object();  // Sorted by key, so the bytes follow from the content.
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::uint64_t offset = 0;
    for (const auto& [key, form] : tensors) {
        const auto bytes = form.bytes();
        header[key] = {{"dtype", name_of(form.dtype)},
                       {"shape", form.shape},
                       {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text = header.dump();
    text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
    std::vector<std::byte> out(sizeof(std::uint64_t) + text.size());
    const std::uint64_t length = text.size();
    std::memcpy(out.data(), &length, sizeof length);
    std::memcpy(out.data() + sizeof length, text.data(), text.size());
    return out;
}

std::vector<std::byte> encode_safetensors(const std::map<std::string, TensorView>& tensors,
                                          const std::map<std::string, std::string>& metadata) {
    std::map<std::string, TensorForm> forms;
    std::size_t bytes = 0;
    for (const auto& [key, view] : tensors) {
        const auto& form = forms[key] = {view.dtype, view.shape};
        if (form.bytes() != view.data.size())
            throw Error(Code::internal, "tensor " + key + ": size does not fit its shape");
        bytes += view.data.size();
    }
    std::vector<std::byte> out = encode_header(forms, metadata);
    const std::size_t header_bytes = out.size();
    out.resize(header_bytes + bytes);
    auto* at = out.data() + header_bytes;
    for (const auto& [key, view] : tensors) {
        if (!view.data.empty()) std::memcpy(at, view.data.data(), view.data.size());
        at += view.data.size();
    }
    return out;
}

void write_safetensors(const std::string& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata) {
    const auto bytes = encode_safetensors(tensors, metadata);
    PartialFile file(path);
    file.write(bytes);
    file.commit();
}

}  // namespace spectile::weights
