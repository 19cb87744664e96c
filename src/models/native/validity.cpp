#include "models/native/validity.hpp"

#include <algorithm>

namespace spectile::native {

void copy_valid(const Cube& cube, Prediction& out) {
    const Window &from = cube.window, &to = out.window;
    for (std::int64_t row = 0; row < to.height; ++row) {
        const auto* begin = cube.valid.data() + (to.y - from.y + row) * from.width + (to.x - from.x);
        std::copy_n(begin, to.width, out.valid.data() + row * to.width);
    }
}

}  // namespace spectile::native
