#include <cmath>
#include <limits>

#include "raster/raster_source.hpp"

namespace spectile {
namespace {

/// GDAL's ARE_REAL_EQUAL with its two units in the last place, but without its overflow near the largest
/// float.
template <typename T>
bool nearly_equal(T a, T b) {
    return a == b ||
           std::abs(a - b) < std::numeric_limits<T>::epsilon() * std::abs(a * T{0.5} + b * T{0.5}) * 4;
}

/// Neighbours of a float that count as equal to it lie at most this many steps away.
constexpr int kSteps = 16;

/// The last of the neighbours of `value` towards `end` that counts as equal to it.
template <typename T>
T furthest_equal(T value, T end) {
    T last = value, next = value;
    for (int step = 0; step < kSteps; ++step) {
        next = std::nextafter(next, end);
        if (!std::isfinite(next) || !nearly_equal(next, value)) break;
        last = next;
    }
    return last;
}

template <typename T>
NodataRule real_rule(double declared) {
    constexpr double kMax = std::numeric_limits<T>::max();
    // The largest float, written with too few digits, may lie a little beyond it.
    if (std::abs(declared) > kMax && (sizeof(T) == sizeof(double) || std::abs(declared) > kMax * (1 + 1e-6)))
        return {};
    const T value = static_cast<T>(std::abs(declared) > kMax ? std::copysign(kMax, declared) : declared);
    constexpr T kInfinity = std::numeric_limits<T>::infinity();
    return {
        .present = true, .low = furthest_equal(value, -kInfinity), .high = furthest_equal(value, kInfinity)};
}

template <typename T>
NodataRule whole_rule(double declared) {
    // 2^63 and 2^64 are beyond the type although the comparison in double would let them pass.
    const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (declared != std::floor(declared) ||
        declared < static_cast<double>(std::numeric_limits<T>::lowest()) || declared >= beyond)
        return {};
    NodataRule rule{.present = true, .low = declared, .high = declared};
    rule.signed_value = static_cast<std::int64_t>(static_cast<T>(declared));
    rule.unsigned_value = static_cast<std::uint64_t>(static_cast<T>(declared));
    return rule;
}

}  // namespace

NodataRule nodata_rule(DataType type, double value) {
    if (!std::isfinite(value)) return {};
    switch (type) {
        case DataType::Byte:
            return whole_rule<std::uint8_t>(value);
        case DataType::Int8:
            return whole_rule<std::int8_t>(value);
        case DataType::UInt16:
            return whole_rule<std::uint16_t>(value);
        case DataType::Int16:
            return whole_rule<std::int16_t>(value);
        case DataType::UInt32:
            return whole_rule<std::uint32_t>(value);
        case DataType::Int32:
            return whole_rule<std::int32_t>(value);
        case DataType::UInt64:
            return whole_rule<std::uint64_t>(value);
        case DataType::Int64:
            return whole_rule<std::int64_t>(value);
        case DataType::Float32:
            return real_rule<float>(value);
        case DataType::Float64:
            return real_rule<double>(value);
        case DataType::Complex:
            break;
    }
    return real_rule<double>(value);
}

}  // namespace spectile
