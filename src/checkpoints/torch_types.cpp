#include "checkpoints/torch_types.hpp"

#include <array>

namespace spectile::checkpoints {
namespace {

using weights::ElementType;

struct Row {
    const char* storage;
    const char* dtype;
    ElementType type;
};
constexpr std::array<Row, 13> kTypes = {{{"FloatStorage", "float32", ElementType::F32},
                                         {"HalfStorage", "float16", ElementType::F16},
                                         {"BFloat16Storage", "bfloat16", ElementType::BF16},
                                         {"DoubleStorage", "float64", ElementType::F64},
                                         {"LongStorage", "int64", ElementType::I64},
                                         {"IntStorage", "int32", ElementType::I32},
                                         {"ShortStorage", "int16", ElementType::I16},
                                         {"CharStorage", "int8", ElementType::I8},
                                         {"ByteStorage", "uint8", ElementType::U8},
                                         {"BoolStorage", "bool", ElementType::BOOL},
                                         // These have no storage class of their own.
                                         {"", "uint16", ElementType::U16},
                                         {"", "uint32", ElementType::U32},
                                         {"", "uint64", ElementType::U64}}};

/// The name without its package; empty where it is of another one.
std::string_view in_torch(std::string_view name) {
    for (const std::string_view package : {"torch.cuda.", "torch."})
        if (name.starts_with(package)) return name.substr(package.size());
    return {};
}

}  // namespace

std::optional<ElementType> type_of_storage(const std::string& global_name) {
    const auto name = in_torch(global_name);
    for (const auto& row : kTypes)
        if (!name.empty() && name == row.storage) return row.type;
    return std::nullopt;
}

std::optional<ElementType> type_of_dtype(const std::string& global_name) {
    const auto name = in_torch(global_name);
    for (const auto& row : kTypes)
        if (!name.empty() && name == row.dtype) return row.type;
    return std::nullopt;
}

bool is_untyped_storage(const std::string& global_name) {
    return global_name == "torch.storage.UntypedStorage" || global_name == "torch.UntypedStorage" ||
           global_name == "torch.storage._UntypedStorage";
}

}  // namespace spectile::checkpoints
