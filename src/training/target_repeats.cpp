#include "training/target_repeats.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace spectile::training {
namespace {

constexpr int kMargin = 3;  ///< Pixels around a target in which its light fades.
constexpr int kMost = 3, kTries = 8;

/// A square of numbers.
template <typename Value>
struct Square {
    std::span<Value> values;
    int side;

    bool holds(int row, int col) const { return row >= 0 && col >= 0 && row < side && col < side; }
    Value& at(int row, int col) const { return values[static_cast<std::size_t>(row * side + col)]; }
};

/// What a target adds to the ground, over its bounding box and the margin.
struct Target {
    int row = 0, col = 0, rows = 0, cols = 0;  ///< The box; may reach beyond the crop.
    std::vector<float> contrast;               ///< [rows][cols]
    std::vector<float> truth;                  ///< [rows][cols]

    std::size_t index(int r, int c) const { return static_cast<std::size_t>(r * cols + c); }
};

struct Place {
    int row, col;
};

/// The pixels that hang together with `first`, corners included.
std::vector<Place> connected(const Square<float>& truth, Place first) {
    std::vector<Place> found = {first};
    std::vector<bool> seen(truth.values.size());
    seen[static_cast<std::size_t>(first.row * truth.side + first.col)] = true;
    for (std::size_t next = 0; next < found.size(); ++next)
        for (int r = found[next].row - 1; r <= found[next].row + 1; ++r)
            for (int c = found[next].col - 1; c <= found[next].col + 1; ++c) {
                const auto index = static_cast<std::size_t>(r * truth.side + c);
                if (!truth.holds(r, c) || seen[index] || truth.at(r, c) == 0) continue;
                seen[index] = true;
                found.push_back({r, c});
            }
    return found;
}

/// The median of what lies in the box and is no target's; nothing where there is no such pixel.
std::optional<float> ground_of(const Square<float>& pixels, const Square<float>& truth, const Target& box) {
    std::vector<float> ground;
    for (int r = box.row; r < box.row + box.rows; ++r)
        for (int c = box.col; c < box.col + box.cols; ++c)
            if (pixels.holds(r, c) && truth.at(r, c) == 0) ground.push_back(pixels.at(r, c));
    if (ground.empty()) return std::nullopt;
    const auto middle = ground.begin() + static_cast<std::ptrdiff_t>(ground.size() / 2);
    std::nth_element(ground.begin(), middle, ground.end());
    return *middle;
}

/// The box of these pixels and the margin, with truth.
Target box_of(const std::vector<Place>& places) {
    const auto by_row = [](const Place& a, const Place& b) { return a.row < b.row; };
    const auto by_col = [](const Place& a, const Place& b) { return a.col < b.col; };
    const auto [top, bottom] = std::minmax_element(places.begin(), places.end(), by_row);
    const auto [left, right] = std::minmax_element(places.begin(), places.end(), by_col);
    Target target;
    target.row = top->row - kMargin;
    target.col = left->col - kMargin;
    target.rows = bottom->row - top->row + 1 + 2 * kMargin;
    target.cols = right->col - left->col + 1 + 2 * kMargin;
    target.truth.resize(static_cast<std::size_t>(target.rows * target.cols));
    for (const auto& place : places)
        target.truth[target.index(place.row - target.row, place.col - target.col)] = 1;
    return target;
}

/// 1 on the target, and less with every pixel away from it.
float nearness(const Target& target, int row, int col) {
    for (int away = 0; away <= kMargin; ++away)
        for (int r = std::max(0, row - away); r <= std::min(target.rows - 1, row + away); ++r)
            for (int c = std::max(0, col - away); c <= std::min(target.cols - 1, col + away); ++c)
                if (target.truth[target.index(r, c)] != 0)
                    return 1 - static_cast<float>(away) / (kMargin + 1);
    return 0;
}

std::optional<Target> target_at(const Square<float>& pixels, const Square<float>& truth, Place place) {
    Target target = box_of(connected(truth, place));
    if (std::max(target.rows, target.cols) - 2 * kMargin > pixels.side / 4) return std::nullopt;
    const auto ground = ground_of(pixels, truth, target);
    if (!ground) return std::nullopt;
    for (int r = 0; r < target.rows; ++r)
        for (int c = 0; c < target.cols; ++c) {
            const int row = target.row + r, col = target.col + c;
            target.contrast.push_back(
                pixels.holds(row, col) ? (pixels.at(row, col) - *ground) * nearness(target, r, c) : 0);
        }
    return target;
}

bool is_free(const Square<float>& truth, const Target& target, Place place) {
    for (int r = 0; r < target.rows; ++r)
        for (int c = 0; c < target.cols; ++c)
            if (!truth.holds(place.row + r, place.col + c) || truth.at(place.row + r, place.col + c) != 0)
                return false;
    return true;
}

/// Half of the places lie within four boxes of the target's own: groups are what is missing most.
Place draw_place(const Target& target, int side, Random& random) {
    const auto within = [&](int low, int high) {
        return low + static_cast<int>(random.below(static_cast<std::uint64_t>(std::max(1, high - low + 1))));
    };
    if (random.uniform() < 0.5)
        return {within(target.row - 4 * target.rows, target.row + 4 * target.rows),
                within(target.col - 4 * target.cols, target.col + 4 * target.cols)};
    return {within(0, side - target.rows), within(0, side - target.cols)};
}

void set_in(const Target& target, Place place, const Square<float>& pixels, const Square<float>& truth,
            Random& random) {
    const float most = *std::max_element(pixels.values.begin(), pixels.values.end());
    const bool flip_rows = random.uniform() < 0.5, flip_cols = random.uniform() < 0.5;
    const auto strength = static_cast<float>(random.uniform(0.6, 1.1));
    for (int r = 0; r < target.rows; ++r)
        for (int c = 0; c < target.cols; ++c) {
            const auto from =
                target.index(flip_rows ? target.rows - 1 - r : r, flip_cols ? target.cols - 1 - c : c);
            float& to = pixels.at(place.row + r, place.col + c);
            to = std::min(most, to + strength * target.contrast[from]);
            if (target.truth[from] != 0) truth.at(place.row + r, place.col + c) = 1;
        }
}

}  // namespace

void repeat_target(std::span<float> pixels, std::span<float> truth, int side, Random& random) {
    const Square<float> values{pixels, side}, marks{truth, side};
    std::vector<Place> marked;
    for (int row = 0; row < side; ++row)
        for (int col = 0; col < side; ++col)
            if (marks.at(row, col) != 0) marked.push_back({row, col});
    if (marked.empty()) return;
    const auto target = target_at(values, marks, marked[random.below(marked.size())]);
    if (!target) return;
    const auto times = 1 + random.below(kMost);
    for (std::uint64_t time = 0; time < times; ++time)
        for (int attempt = 0; attempt < kTries; ++attempt) {
            const Place place = draw_place(*target, side, random);
            if (!is_free(marks, *target, place)) continue;
            set_in(*target, place, values, marks, random);
            break;
        }
}

}  // namespace spectile::training
