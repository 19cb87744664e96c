#include "raster/sample_conversion.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "spectile/error.hpp"

namespace spectile {
namespace {

template <typename T>
struct BitsOf {
    using type = std::conditional_t<
        sizeof(T) == 1, std::uint8_t,
        std::conditional_t<sizeof(T) == 2, std::uint16_t,
                           std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;
};

inline std::uint8_t swapped(std::uint8_t v) { return v; }
inline std::uint16_t swapped(std::uint16_t v) { return __builtin_bswap16(v); }
inline std::uint32_t swapped(std::uint32_t v) { return __builtin_bswap32(v); }
inline std::uint64_t swapped(std::uint64_t v) { return __builtin_bswap64(v); }

template <typename T, bool kSwap>
inline T load(const unsigned char* at) {
    typename BitsOf<T>::type bits;
    std::memcpy(&bits, at, sizeof bits);
    if constexpr (kSwap) bits = swapped(bits);
    return std::bit_cast<T>(bits);
}

/// An interval of raw values that mean nodata; empty (low > high) where nothing does.
template <typename T>
struct Interval {
    T low = std::numeric_limits<T>::max();
    T high = std::numeric_limits<T>::lowest();
    bool keep_nonfinite = false;
};

template <typename T>
Interval<T> nodata_interval(const NodataRule& rule) {
    if (!rule.present) return {.keep_nonfinite = rule.keep_nonfinite};
    if constexpr (std::is_same_v<T, std::int64_t>)
        return {rule.signed_value, rule.signed_value};
    else if constexpr (std::is_same_v<T, std::uint64_t>)
        return {rule.unsigned_value, rule.unsigned_value};
    else
        return {static_cast<T>(rule.low), static_cast<T>(rule.high)};
}

template <typename T, bool kSwap, bool kDense>
void convert(const unsigned char* first, std::ptrdiff_t stride, std::size_t count, Interval<T> nodata,
             float* values, std::uint8_t* valid) {
    const std::ptrdiff_t step =
        kDense ? static_cast<std::ptrdiff_t>(sizeof(T)) : stride * static_cast<std::ptrdiff_t>(sizeof(T));
    for (std::size_t i = 0; i < count; ++i) {
        const T raw = load<T, kSwap>(first + static_cast<std::ptrdiff_t>(i) * step);
        const bool measured = !((raw >= nodata.low) & (raw <= nodata.high));
        const auto value = static_cast<float>(raw);
        if constexpr (std::is_floating_point_v<T>) {
            const bool finite = (std::bit_cast<std::uint32_t>(value) & 0x7f800000u) != 0x7f800000u;
            const bool kept = finite | nodata.keep_nonfinite;
            values[i] = kept ? value : 0.0F;
            valid[i] = static_cast<std::uint8_t>(valid[i] & (measured & kept));
        } else {
            values[i] = value;
            valid[i] = static_cast<std::uint8_t>(valid[i] & measured);
        }
    }
}

template <typename T>
void convert_as(const Samples& samples, std::size_t count, const NodataRule& rule, float* values,
                std::uint8_t* valid) {
    const auto* first = static_cast<const unsigned char*>(samples.first);
    const Interval<T> nodata = nodata_interval<T>(rule);
    const bool dense = samples.stride == 1;
    if (samples.swap_bytes && sizeof(T) > 1) {
        if (dense)
            convert<T, true, true>(first, 1, count, nodata, values, valid);
        else
            convert<T, true, false>(first, samples.stride, count, nodata, values, valid);
    } else if (dense) {
        convert<T, false, true>(first, 1, count, nodata, values, valid);
    } else {
        convert<T, false, false>(first, samples.stride, count, nodata, values, valid);
    }
}

}  // namespace

void convert_samples(const Samples& samples, std::size_t count, const NodataRule& nodata, float* values,
                     std::uint8_t* valid) {
    switch (samples.type) {
        case DataType::Byte:
            return convert_as<std::uint8_t>(samples, count, nodata, values, valid);
        case DataType::Int8:
            return convert_as<std::int8_t>(samples, count, nodata, values, valid);
        case DataType::UInt16:
            return convert_as<std::uint16_t>(samples, count, nodata, values, valid);
        case DataType::Int16:
            return convert_as<std::int16_t>(samples, count, nodata, values, valid);
        case DataType::UInt32:
            return convert_as<std::uint32_t>(samples, count, nodata, values, valid);
        case DataType::Int32:
            return convert_as<std::int32_t>(samples, count, nodata, values, valid);
        case DataType::UInt64:
            return convert_as<std::uint64_t>(samples, count, nodata, values, valid);
        case DataType::Int64:
            return convert_as<std::int64_t>(samples, count, nodata, values, valid);
        case DataType::Float32:
            return convert_as<float>(samples, count, nodata, values, valid);
        case DataType::Float64:
            return convert_as<double>(samples, count, nodata, values, valid);
        case DataType::Complex:
            break;
    }
    throw Error(Code::internal, "complex samples cannot be converted to float32");
}

}  // namespace spectile
