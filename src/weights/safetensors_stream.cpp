#include "weights/safetensors_stream.hpp"

#include "spectile/error.hpp"

namespace spectile::weights {

SafeTensorsStream::SafeTensorsStream(const std::string& path,
                                     const std::map<std::string, TensorForm>& tensors,
                                     const std::map<std::string, std::string>& metadata)
    : path_(path), file_(path) {
    const auto header = encode_header(tensors, metadata);
    expected_ = header.size();
    for (const auto& [_, form] : tensors) expected_ += form.bytes();
    write(header);
}

void SafeTensorsStream::write(std::span<const std::byte> bytes) {
    file_.write(bytes);
    checksum_.update(bytes.data(), bytes.size());
    written_ += bytes.size();
}

std::string SafeTensorsStream::commit() {
    if (written_ != expected_)
        throw Error(Code::internal, path_ + ": " + std::to_string(written_) + " bytes were written, not " +
                                        std::to_string(expected_));
    file_.commit();
    return checksum_.finish();
}

}  // namespace spectile::weights
