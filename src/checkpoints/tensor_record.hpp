#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkpoints/pickle.hpp"
#include "weights/tensor_view.hpp"

namespace spectile::checkpoints {

/// A stretch of numbers that tensors look into.
struct StorageRecord {
    std::string key;            ///< Its name in the file.
    std::size_t item_size = 1;  ///< Bytes of an element; 1 where the storage has no type of its own.
    std::uint64_t elements = 0;

    std::uint64_t bytes() const { return elements * item_size; }
};

/// What a persistent value says of a storage. Throws Error{Code::model} with `where` in front.
StorageRecord storage_of(const Pickle& pickle, ValueId persistent, const std::string& where);

/// A tensor as the pickle describes it: a view of a storage. Every element lies within the storage.
struct TensorRecord {
    weights::ElementType type = weights::ElementType::F32;
    std::vector<std::int64_t> shape;
    std::vector<std::uint64_t> strides;  ///< Elements from one index to the next, per axis; may be 0.
    std::uint64_t offset = 0;            ///< Of the first element in the storage, in elements.
    StorageRecord storage;

    std::uint64_t elements() const;
    std::uint64_t bytes() const { return elements() * weights::size_of(type); }
    /// Elements from the first to the last one that the view touches, both included; 0 for an empty tensor.
    std::uint64_t extent() const;
    /// Whether the elements lie one after the other in C order.
    bool is_contiguous() const;
};

/// The tensor that a value stands for; nothing where it is no tensor. Throws Error{Code::model}, `where`
/// (file and key) in front, for a tensor that contradicts itself or its storage.
std::optional<TensorRecord> tensor_of(const Pickle& pickle, ValueId id, const std::string& where);

}  // namespace spectile::checkpoints
