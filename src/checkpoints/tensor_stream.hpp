#pragma once

#include <functional>

#include "checkpoints/byte_source.hpp"
#include "checkpoints/tensor_record.hpp"

namespace spectile::checkpoints {

/// Takes the bytes of a tensor in C order, piece by piece.
using ByteSink = std::function<void(std::span<const std::byte> piece)>;

/// The type under which a tensor is handed on: float32 for every floating type, anything else as it is.
weights::ElementType type_read(weights::ElementType stored);

/// Reads a tensor whose storage lies at `storage` and hands it on as `type_read`, in C order.
///
/// A tensor that lies in one piece is read in pieces of a megabyte; for any other layout the stretch of its
/// storage that it looks into is held in memory. Throws Error{Code::read}; Error{Code::model}, `where` in
/// front, for a tensor that repeats its storage to many times its size.
void stream_tensor(const ByteSource& source, const Extent& storage, const TensorRecord& tensor,
                   const std::string& where, const ByteSink& sink);

}  // namespace spectile::checkpoints
