#pragma once

#include <memory>

#include "checkpoints/pickle.hpp"
#include "checkpoints/tensor_record.hpp"

namespace spectile::checkpoints {

/// One of the two ways in which PyTorch has put an object and the storages of its tensors into a file.
class Container {
public:
    virtual ~Container() = default;
    virtual const Pickle& object() const = 0;
    /// Where a storage's bytes lie. Throws Error{Code::model} naming it where it is absent, of another size
    /// than the object says, or not within the file.
    virtual Extent locate(const StorageRecord& storage) const = 0;
    /// "zip" or "legacy".
    virtual const char* kind() const = 0;
};

/// Opens what `source` holds; it outlives the container. Throws Error{Code::model} where it is neither, and
/// for a TorchScript archive, which holds a program; Error{Code::read}.
std::unique_ptr<Container> open_container(const ByteSource& source);

/// Since PyTorch 1.6: a zip file with PREFIX/data.pkl and PREFIX/data/KEY.
std::unique_ptr<Container> open_zip_container(const ByteSource& source);

/// Before: four pickles (a magic number, a version, the writer's properties, the object), then the list of
/// storages, then for each its count of elements and its bytes.
std::unique_ptr<Container> open_legacy_container(const ByteSource& source);
bool is_legacy_container(const ByteSource& source);

}  // namespace spectile::checkpoints
