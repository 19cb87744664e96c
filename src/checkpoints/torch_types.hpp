#pragma once

#include <optional>
#include <string>

#include "weights/tensor_view.hpp"

namespace spectile::checkpoints {

/// What a storage class holds: "torch.HalfStorage", or "torch.cuda.HalfStorage" in old files; nothing for a
/// name that is no typed storage.
std::optional<weights::ElementType> type_of_storage(const std::string& global_name);
/// What "torch.float16" is.
std::optional<weights::ElementType> type_of_dtype(const std::string& global_name);
/// Whether the storage counts bytes and leaves the type to its tensors.
bool is_untyped_storage(const std::string& global_name);

}  // namespace spectile::checkpoints
