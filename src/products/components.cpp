#include "products/components.hpp"

#include <algorithm>

namespace spectile::products {
namespace {

/// Marks everything connected with `start`; `waiting` is scratch.
Component fill(std::span<const std::uint8_t> mask, std::int64_t cols, std::int64_t start,
               std::vector<std::int32_t>& labels, std::vector<std::int64_t>& waiting) {
    const std::int64_t rows = static_cast<std::int64_t>(mask.size()) / cols;
    const std::int32_t label = labels[static_cast<std::size_t>(start)];
    double row_sum = 0, col_sum = 0;
    Component found;
    waiting.assign(1, start);
    while (!waiting.empty()) {
        const std::int64_t at = waiting.back(), row = at / cols, col = at % cols;
        waiting.pop_back();
        ++found.area;
        row_sum += static_cast<double>(row);
        col_sum += static_cast<double>(col);
        for (std::int64_t y = std::max<std::int64_t>(0, row - 1); y <= std::min(rows - 1, row + 1); ++y)
            for (std::int64_t x = std::max<std::int64_t>(0, col - 1); x <= std::min(cols - 1, col + 1); ++x) {
                const auto next = static_cast<std::size_t>(y * cols + x);
                if (mask[next] == 0 || labels[next] != 0) continue;
                labels[next] = label;
                waiting.push_back(static_cast<std::int64_t>(next));
            }
    }
    found.row = row_sum / static_cast<double>(found.area);
    found.col = col_sum / static_cast<double>(found.area);
    return found;
}

}  // namespace

Components components_of(std::span<const std::uint8_t> mask, std::int64_t cols) {
    Components out;
    out.labels.assign(mask.size(), 0);
    std::vector<std::int64_t> waiting;
    for (std::size_t at = 0; at < mask.size(); ++at) {
        if (mask[at] == 0 || out.labels[at] != 0) continue;
        out.labels[at] = static_cast<std::int32_t>(out.list.size() + 1);
        out.list.push_back(fill(mask, cols, static_cast<std::int64_t>(at), out.labels, waiting));
    }
    return out;
}

}  // namespace spectile::products
