#include <array>
#include <bit>
#include <cstring>

#include "weights/tensor_view.hpp"

namespace spectile::weights {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data are little-endian");

struct Row {
    std::string_view name;
    std::size_t size;
};
constexpr std::array<Row, 13> kTypes = {{{"BOOL", 1},
                                         {"U8", 1},
                                         {"I8", 1},
                                         {"U16", 2},
                                         {"I16", 2},
                                         {"F16", 2},
                                         {"BF16", 2},
                                         {"U32", 4},
                                         {"I32", 4},
                                         {"F32", 4},
                                         {"U64", 8},
                                         {"I64", 8},
                                         {"F64", 8}}};

template <typename T, typename Convert>
std::vector<float> convert(std::span<const std::byte> data, Convert to_float) {
    std::vector<float> out(data.size() / sizeof(T));
    for (std::size_t i = 0; i < out.size(); ++i) {
        T value;
        std::memcpy(&value, data.data() + i * sizeof(T), sizeof(T));
        out[i] = to_float(value);
    }
    return out;
}

template <typename T>
std::vector<float> convert(std::span<const std::byte> data) {
    return convert<T>(data, [](T value) { return static_cast<float>(value); });
}

float from_bfloat16(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

float from_half(std::uint16_t bits) {
    const float sign = bits & 0x8000 ? -1.0F : 1.0F;
    const int exponent = (bits >> 10) & 31;
    const auto fraction = static_cast<std::uint32_t>(bits & 1023);
    if (exponent == 0) return sign * static_cast<float>(fraction) * 0x1p-24F;
    const std::uint32_t sign_bit = static_cast<std::uint32_t>(bits & 0x8000) << 16;
    const auto wide_exponent = static_cast<std::uint32_t>(exponent == 31 ? 255 : exponent + 112);
    return std::bit_cast<float>(sign_bit | wide_exponent << 23 | fraction << 13);
}

}  // namespace

std::string_view name_of(ElementType type) { return kTypes[static_cast<std::size_t>(type)].name; }
std::size_t size_of(ElementType type) { return kTypes[static_cast<std::size_t>(type)].size; }

std::vector<float> to_floats(const TensorView& view) {
    switch (view.dtype) {
        case ElementType::BOOL:
            return convert<std::uint8_t>(view.data, [](auto v) { return v ? 1.0F : 0.0F; });
        case ElementType::U8:
            return convert<std::uint8_t>(view.data);
        case ElementType::I8:
            return convert<std::int8_t>(view.data);
        case ElementType::U16:
            return convert<std::uint16_t>(view.data);
        case ElementType::I16:
            return convert<std::int16_t>(view.data);
        case ElementType::F16:
            return convert<std::uint16_t>(view.data, from_half);
        case ElementType::BF16:
            return convert<std::uint16_t>(view.data, from_bfloat16);
        case ElementType::U32:
            return convert<std::uint32_t>(view.data);
        case ElementType::I32:
            return convert<std::int32_t>(view.data);
        case ElementType::F32:
            return convert<float>(view.data);
        case ElementType::U64:
            return convert<std::uint64_t>(view.data);
        case ElementType::I64:
            return convert<std::int64_t>(view.data);
        case ElementType::F64:
            return convert<double>(view.data);
    }
    return {};
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text = "[";
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        text += (axis ? ", " : "") + std::to_string(shape[axis]);
    return text + "]";
}

}  // namespace spectile::weights
