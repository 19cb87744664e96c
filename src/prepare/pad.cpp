#include "prepare/pad.hpp"

#include <cstring>

#include "spectile/error.hpp"

namespace spectile::prepare {
namespace {

/// The pixel of [0, size) that stands for position `at`, which may lie outside.
std::int64_t source_of(std::int64_t at, std::int64_t size, Padding padding) {
    if (at >= 0 && at < size) return at;
    if (padding == Padding::nearest || size == 1) return at < 0 ? 0 : size - 1;
    const std::int64_t period = 2 * (size - 1);
    const std::int64_t folded = ((at % period) + period) % period;
    return folded < size ? folded : period - folded;
}

struct Frame {
    std::int64_t rows, cols;     ///< Of the cube as it is.
    std::int64_t height, width;  ///< Of the wanted window.
    std::int64_t top, left;
};

/// Moves the rows of a plane to their place, last row first: a row's new place never lies before its old one.
template <typename T>
void move_rows(const T* from, T* to, const Frame& f) {
    for (auto row = f.rows - 1; row >= 0; --row)
        std::memmove(to + (row + f.top) * f.width + f.left, from + row * f.cols,
                     static_cast<std::size_t>(f.cols) * sizeof(T));
}

void extend_plane(float* plane, const Frame& f, Padding padding) {
    for (auto row = f.top; row < f.top + f.rows; ++row) {
        float* line = plane + row * f.width;
        for (std::int64_t col = 0; col < f.left; ++col)
            line[col] = line[f.left + source_of(col - f.left, f.cols, padding)];
        for (auto col = f.left + f.cols; col < f.width; ++col)
            line[col] = line[f.left + source_of(col - f.left, f.cols, padding)];
    }
    for (std::int64_t row = 0; row < f.height; ++row) {
        if (row >= f.top && row < f.top + f.rows) continue;
        const auto source = f.top + source_of(row - f.top, f.rows, padding);
        std::memcpy(plane + row * f.width, plane + source * f.width,
                    static_cast<std::size_t>(f.width) * sizeof(float));
    }
}

void extend_mask(Cube& cube, const Frame& f) {
    std::vector<std::uint8_t> mask(static_cast<std::size_t>(f.height * f.width), 0);
    move_rows(cube.valid.data(), mask.data(), f);
    cube.valid.swap(mask);
}

}  // namespace

void pad(Cube& cube, const Window& wanted, Padding padding) {
    const Window inside = cube.window;
    if (inside == wanted) return;
    if (inside.empty() || !wanted.contains(inside))
        throw Error(Code::internal,
                    "pad: window " + to_string(wanted) + " does not contain " + to_string(inside));
    const Frame frame{inside.height, inside.width,        wanted.height,
                      wanted.width,  inside.y - wanted.y, inside.x - wanted.x};
    const auto before = static_cast<std::size_t>(inside.area());
    const auto after = static_cast<std::size_t>(wanted.area());
    cube.values.resize(static_cast<std::size_t>(cube.bands) * after);
    for (int band = cube.bands - 1; band >= 0; --band) {
        float* plane = cube.values.data() + static_cast<std::size_t>(band) * after;
        move_rows(cube.values.data() + static_cast<std::size_t>(band) * before, plane, frame);
        extend_plane(plane, frame, padding);
    }
    extend_mask(cube, frame);
    cube.window = wanted;
}

}  // namespace spectile::prepare
