#include "checkpoints/tensor_stream.hpp"

#include <algorithm>

namespace spectile::checkpoints {
namespace {

using weights::ElementType;

constexpr std::uint64_t kPieceElements = 1U << 18;
/// A view that repeats elements (a stride of 0) may be larger than its storage, up to this.
constexpr std::uint64_t kMaxRepeatedElements = 1U << 20;

void hand_on(ElementType type, std::span<const std::byte> piece, const ByteSink& sink) {
    if (type_read(type) == type) return sink(piece);
    const auto count = static_cast<std::int64_t>(piece.size() / weights::size_of(type));
    const auto floats = weights::to_floats({.dtype = type, .shape = {count}, .data = piece});
    sink(std::as_bytes(std::span(floats)));
}

void stream_contiguous(const ByteSource& source, std::uint64_t offset, const TensorRecord& tensor,
                       const ByteSink& sink) {
    const std::size_t item = weights::size_of(tensor.type);
    std::vector<std::byte> piece;
    for (std::uint64_t left = tensor.elements(); left > 0;) {
        const auto count = std::min(left, kPieceElements);
        piece.resize(count * item);
        source.read(offset, piece);
        hand_on(tensor.type, piece, sink);
        offset += piece.size();
        left -= count;
    }
}

/// Steps through the elements of a view in C order.
class Walk {
public:
    explicit Walk(const TensorRecord& tensor) : tensor_(tensor), index_(tensor.shape.size()) {}
    std::uint64_t at() const { return at_; }
    void next() {
        for (std::size_t axis = index_.size(); axis-- > 0;) {
            at_ += tensor_.strides[axis];
            if (++index_[axis] < tensor_.shape[axis]) return;
            at_ -= tensor_.strides[axis] * static_cast<std::uint64_t>(tensor_.shape[axis]);
            index_[axis] = 0;
        }
    }

private:
    const TensorRecord& tensor_;
    std::vector<std::int64_t> index_;
    std::uint64_t at_ = 0;
};

void stream_strided(const ByteSource& source, std::uint64_t offset, const TensorRecord& tensor,
                    const ByteSink& sink) {
    const std::size_t item = weights::size_of(tensor.type);
    const auto stretch = read_extent(source, {offset, tensor.extent() * item});
    std::vector<std::byte> piece;
    Walk walk(tensor);
    for (std::uint64_t left = tensor.elements(); left > 0;) {
        const auto count = std::min(left, kPieceElements);
        piece.resize(count * item);
        for (std::uint64_t i = 0; i < count; ++i, walk.next())
            std::memcpy(piece.data() + i * item, stretch.data() + walk.at() * item, item);
        hand_on(tensor.type, piece, sink);
        left -= count;
    }
}

}  // namespace

ElementType type_read(ElementType stored) {
    using enum ElementType;
    return stored == F16 || stored == BF16 || stored == F64 ? F32 : stored;
}

void stream_tensor(const ByteSource& source, const Extent& storage, const TensorRecord& tensor,
                   const std::string& where, const ByteSink& sink) {
    if (tensor.elements() == 0) return;
    if (tensor.elements() > std::max(tensor.extent(), kMaxRepeatedElements))
        refuse(where, "repeats " + std::to_string(tensor.extent()) + " elements to " +
                          std::to_string(tensor.elements()));
    const std::uint64_t offset = storage.offset + tensor.offset * weights::size_of(tensor.type);
    if (tensor.is_contiguous())
        stream_contiguous(source, offset, tensor, sink);
    else
        stream_strided(source, offset, tensor, sink);
}

}  // namespace spectile::checkpoints
