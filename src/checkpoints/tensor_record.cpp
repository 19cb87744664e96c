#include "checkpoints/tensor_record.hpp"

#include <limits>

#include "checkpoints/torch_types.hpp"

namespace spectile::checkpoints {
namespace {

constexpr std::size_t kMaxAxes = 64;             // As in PyTorch itself.
constexpr int kMaxWrappers = 8;                  // A parameter of a subclass of a tensor has two.
constexpr std::uint64_t kMaxBytes = 1ULL << 62;  // Sums of two sizes stay within 64 bits.

std::uint64_t count_of(const Pickle& pickle, ValueId id, const std::string& where, const char* what) {
    const Value& value = pickle.at(id);
    if (value.kind != Kind::integer || value.integer < 0)
        refuse(where, std::string(what) + " is " + pickle.describe(id) + ", not a whole number from 0");
    return static_cast<std::uint64_t>(value.integer);
}

/// Numbers of a tuple or list, also within a call of torch.Size.
std::vector<std::uint64_t> counts_of(const Pickle& pickle, ValueId id, const std::string& where,
                                     const char* what) {
    const Value* list = &pickle.at(id);
    if (list->kind == Kind::call && pickle.global_name(id) == "torch.Size" && list->arguments != kNoValue &&
        pickle.at(list->arguments).items.size() == 1)
        list = &pickle.at(pickle.at(list->arguments).items.front());
    if (list->kind != Kind::tuple && list->kind != Kind::list)
        refuse(where, std::string(what) + " is " + pickle.describe(id) + ", not a list of numbers");
    if (list->items.size() > kMaxAxes) refuse(where, std::string(what) + " has too many axes");
    std::vector<std::uint64_t> counts;
    for (const auto item : list->items) counts.push_back(count_of(pickle, item, where, what));
    return counts;
}

/// The view that a legacy file puts between a tensor and its storage: (key, offset, elements) or None.
void narrow_to_view(const Pickle& pickle, ValueId persistent, TensorRecord& tensor, std::uint64_t& available,
                    const std::string& where) {
    const auto& identifier = pickle.at(pickle.at(persistent).items.front()).items;
    if (identifier.size() < 6 || pickle.at(identifier[5]).kind != Kind::tuple) return;
    const auto& view = pickle.at(identifier[5]).items;
    if (view.size() != 3) refuse(where, "its storage view is not (key, offset, size)");
    const auto begin = count_of(pickle, view[1], where, "its storage view's offset"),
               size = count_of(pickle, view[2], where, "its storage view's size");
    if (begin > available || size > available - begin) refuse(where, "its storage view leaves the storage");
    available = size;
    tensor.offset += begin;
}

/// Checks that every element lies in the `available` elements from `first` on.
void check_bounds(const TensorRecord& tensor, std::uint64_t offset, std::uint64_t available,
                  const std::string& where) {
    std::uint64_t bytes = weights::size_of(tensor.type), last = offset;
    bool empty = false, overflow = false;
    for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
        const auto side = static_cast<std::uint64_t>(tensor.shape[axis]);
        std::uint64_t step = 0;
        empty = empty || side == 0;
        overflow = overflow || __builtin_mul_overflow(bytes, side, &bytes) || bytes > kMaxBytes;
        if (side > 0)
            overflow = overflow || __builtin_mul_overflow(side - 1, tensor.strides[axis], &step) ||
                       __builtin_add_overflow(last, step, &last);
    }
    if (overflow) refuse(where, "impossible shape " + weights::shape_text(tensor.shape));
    if (empty ? offset > available : last >= available)
        refuse(where, "reaches beyond its storage of " + std::to_string(available) + " elements");
}

/// Arguments of the functions that rebuild a plain tensor: storage, offset, size, stride (the first version),
/// requires_grad, hooks, and in the third version the element type.
TensorRecord rebuilt(const Pickle& pickle, const std::vector<ValueId>& given, bool typed,
                     const std::string& where) {
    if (given.size() < (typed ? 7U : 4U)) refuse(where, "has too few arguments to rebuild a tensor");
    if (pickle.at(given[0]).kind != Kind::persistent)
        refuse(where, "its storage is " + pickle.describe(given[0]));
    TensorRecord tensor;
    tensor.storage = storage_of(pickle, given[0], where);
    const auto& identifier = pickle.at(pickle.at(given[0]).items.front()).items;
    const auto named = pickle.global_name(typed ? given[6] : identifier[1]);
    const auto type = typed ? type_of_dtype(named) : type_of_storage(named);
    if (!type) refuse(where, "elements of the type " + in_quotes(named) + " are not read");
    tensor.type = *type;
    const auto offset = count_of(pickle, given[1], where, "its offset");
    for (const auto side : counts_of(pickle, given[2], where, "its shape"))
        tensor.shape.push_back(static_cast<std::int64_t>(side));
    tensor.strides = counts_of(pickle, given[3], where, "its strides");
    if (tensor.strides.size() != tensor.shape.size()) refuse(where, "has not one stride for each axis");
    std::uint64_t available = tensor.storage.bytes() / weights::size_of(tensor.type);
    narrow_to_view(pickle, given[0], tensor, available, where);
    check_bounds(tensor, offset, available, where);
    tensor.offset += offset;
    return tensor;
}

}  // namespace

StorageRecord storage_of(const Pickle& pickle, ValueId persistent, const std::string& where) {
    const ValueId tuple = pickle.at(persistent).items.front();
    const auto& identifier = pickle.at(tuple).items;
    if (pickle.at(tuple).kind != Kind::tuple || identifier.size() < 5 ||
        pickle.at(identifier[0]).kind != Kind::text || pickle.at(identifier[0]).text != "storage")
        refuse(where, "refers to something that is no storage");
    StorageRecord storage;
    const auto key = pickle.key_text(identifier[2]);
    if (!key) refuse(where, "its storage has no name");
    storage.key = *key;
    const auto class_name = pickle.global_name(identifier[1]);
    const auto type = type_of_storage(class_name);
    if (!type && !is_untyped_storage(class_name))
        refuse(where, "storages of the type " + in_quotes(class_name) + " are not read");
    storage.item_size = type ? weights::size_of(*type) : 1;
    storage.elements = count_of(pickle, identifier[4], where, "its storage's size");
    if (storage.elements > kMaxBytes / storage.item_size) refuse(where, "its storage's size is impossible");
    return storage;
}

std::uint64_t TensorRecord::elements() const {
    std::uint64_t count = 1;
    for (const auto side : shape)
        if (side == 0) return 0;  // Before the product of the other sides can overflow.
    for (const auto side : shape) count *= static_cast<std::uint64_t>(side);
    return count;
}

std::uint64_t TensorRecord::extent() const {
    if (elements() == 0) return 0;
    std::uint64_t last = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        last += (static_cast<std::uint64_t>(shape[axis]) - 1) * strides[axis];
    return last + 1;
}

bool TensorRecord::is_contiguous() const {
    std::uint64_t expected = 1;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        if (shape[axis] > 1 && strides[axis] != expected) return false;
        expected *= static_cast<std::uint64_t>(shape[axis]);
    }
    return true;
}

std::optional<TensorRecord> tensor_of(const Pickle& pickle, ValueId id, const std::string& where) {
    for (int wrapper = 0; wrapper < kMaxWrappers; ++wrapper) {
        const Value& value = pickle.at(id);
        if (value.kind != Kind::call || value.arguments == kNoValue) return std::nullopt;
        const auto& arguments = pickle.at(value.arguments).items;
        const auto called = pickle.global_name(id);
        if (called == "torch._utils._rebuild_tensor_v2" || called == "torch._utils._rebuild_tensor")
            return rebuilt(pickle, arguments, /*typed=*/false, where);
        if (called == "torch._utils._rebuild_tensor_v3")
            return rebuilt(pickle, arguments, /*typed=*/true, where);
        if ((called != "torch._utils._rebuild_parameter" &&
             called != "torch._utils._rebuild_parameter_with_state") ||
            arguments.empty())
            return std::nullopt;
        id = arguments.front();
    }
    refuse(where, "is wrapped more often than any tensor");
}

}  // namespace spectile::checkpoints
