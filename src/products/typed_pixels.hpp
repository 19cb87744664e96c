#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>

#include "spectile/cube.hpp"
#include "spectile/error.hpp"

namespace spectile::products {

/// The nearest value that T holds: rounded half away from zero and clamped for integers.
template <typename T>
T stored_as(double value) {
    if constexpr (std::is_floating_point_v<T>) {
        return static_cast<T>(value);
    } else {
        if (std::isnan(value)) return 0;
        if (value <= static_cast<double>(std::numeric_limits<T>::lowest()))
            return std::numeric_limits<T>::lowest();
        if (value >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
        return static_cast<T>(std::round(value));
    }
}

/// Calls `pixel(index, position)` for every pixel of `window`: its index in the prediction's planes, and its
/// position in an output plane of the window's size. Throws Error{Code::internal} if the window leaves the
/// prediction.
template <typename Visit>
void visit_pixels(const Prediction& prediction, const Window& window, Visit&& pixel) {
    if (!prediction.window.contains(window))
        throw Error(Code::internal, "window " + to_string(window) + " leaves the prediction of " +
                                        to_string(prediction.window));
    std::size_t position = 0;
    for (std::int64_t row = 0; row < window.height; ++row) {
        const std::int64_t line = window.y - prediction.window.y + row;
        auto index =
            static_cast<std::size_t>(line * prediction.window.width + window.x - prediction.window.x);
        for (std::int64_t col = 0; col < window.width; ++col) pixel(index++, position++);
    }
}

/// Writes one value of type T into an untyped buffer, whatever its alignment.
template <typename T>
void put(std::span<std::byte> out, std::size_t position, T value) {
    std::memcpy(out.data() + position * sizeof(T), &value, sizeof(T));
}

/// Throws Error{Code::internal} unless `out` holds exactly `values` of `size` bytes.
inline void expect_room(std::span<std::byte> out, std::size_t values, std::size_t size) {
    if (out.size() != values * size)
        throw Error(Code::internal, "an encoding buffer of " + std::to_string(out.size()) +
                                        " bytes is not the " + std::to_string(values * size) +
                                        " that the window needs");
}

}  // namespace spectile::products
