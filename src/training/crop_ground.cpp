#include "training/crop_ground.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "spectile/error.hpp"

namespace spectile::training {

std::uint32_t CropGround::Sums::of(const Window& w) const {
    const auto at = [&](std::int64_t x, std::int64_t y) {
        return values[static_cast<std::size_t>(y * (width + 1) + x)];
    };
    return at(w.right(), w.bottom()) - at(w.x, w.bottom()) - at(w.right(), w.y) + at(w.x, w.y);
}

CropGround::Sums CropGround::sums_of(std::int64_t width, std::int64_t height,
                                     const std::vector<std::uint8_t>& ones) {
    Sums sums{.width = width, .values = {}};
    sums.values.assign(static_cast<std::size_t>((width + 1) * (height + 1)), 0);
    for (std::int64_t y = 0; y < height; ++y) {
        std::uint32_t line = 0;
        for (std::int64_t x = 0; x < width; ++x) {
            line += ones[static_cast<std::size_t>(y * width + x)];
            const auto above = static_cast<std::size_t>(y * (width + 1) + x + 1);
            sums.values[above + static_cast<std::size_t>(width) + 1] = sums.values[above] + line;
        }
    }
    return sums;
}

CropGround::CropGround(const Dataset& data, const SplitDefinition& split, int side)
    : data_(data), side_(side), supply_{.side = side} {
    if (data.classes.size() > kNoLabel)
        throw Error(Code::definition, fmt::format("classes: {} are too many for a map of pixels; at most {}",
                                                  data.classes.size(), kNoLabel));
    for (std::size_t scene = 0; scene < data.scenes.size(); ++scene)
        add_scene(static_cast<int>(scene), split);
    for (const auto& sample : data.samples) {
        if (sample.role != Role::training) continue;
        const auto& ground = grounds_[static_cast<std::size_t>(sample.scene)];
        ++(ground.clean.of(places(sample)) > 0 ? supply_.inside : supply_.outside);
    }
}

std::vector<std::uint8_t> CropGround::held_back(int scene, const SplitDefinition& split) const {
    const auto& size = data_.scenes[static_cast<std::size_t>(scene)].size;
    std::vector<std::uint8_t> held(static_cast<std::size_t>(size.width * size.height), 0);
    const bool squares = split.by == "tiles" || split.by == "blocks";
    std::set<std::pair<std::int64_t, std::int64_t>> found;
    for (const auto& sample : data_.samples) {
        if (sample.scene != scene || sample.role == Role::training) continue;
        if (squares)
            found.insert({sample.x / split.tile, sample.y / split.tile});
        else
            held[static_cast<std::size_t>(sample.y * size.width + sample.x)] = 1;
    }
    for (const auto& [column, row] : found) {
        const auto square = intersect(Window{column * split.tile, row * split.tile, split.tile, split.tile},
                                      {0, 0, size.width, size.height});
        for (auto y = square.y; y < square.bottom(); ++y)
            std::fill_n(held.begin() + y * size.width + square.x, square.width, std::uint8_t{1});
    }
    return held;
}

void CropGround::add_scene(int scene, const SplitDefinition& split) {
    const auto& size = data_.scenes[static_cast<std::size_t>(scene)].size;
    const auto held = held_back(scene, split);
    const Sums sums = sums_of(size.width, size.height, held);
    supply_.ground += held.size() - static_cast<std::uint64_t>(std::count(held.begin(), held.end(), 1));
    Ground ground;
    ground.columns = std::max<std::int64_t>(1, size.width - side_ + 1);
    ground.rows = std::max<std::int64_t>(1, size.height - side_ + 1);
    std::vector<std::uint8_t> clean;
    for (std::int64_t y = 0; y < ground.rows; ++y)
        for (std::int64_t x = 0; x < ground.columns; ++x)
            clean.push_back(sums.of(intersect(Window{x, y, side_, side_}, {0, 0, size.width, size.height})) ==
                            0);
    ground.clean = sums_of(ground.columns, ground.rows, clean);
    ground.labels.assign(held.size(), kNoLabel);
    for (const auto& sample : data_.samples)
        if (sample.scene == scene && sample.role == Role::training)
            ground.labels[static_cast<std::size_t>(sample.y * size.width + sample.x)] =
                static_cast<std::uint8_t>(sample.target);
    grounds_.push_back(std::move(ground));
}

Window CropGround::places(const Sample& sample) const {
    const auto& ground = grounds_[static_cast<std::size_t>(sample.scene)];
    const auto from = [&](std::int64_t at) { return std::max<std::int64_t>(0, at - side_ + 1); };
    const std::int64_t x = std::min(from(sample.x), ground.columns - 1),
                       y = std::min(from(sample.y), ground.rows - 1);
    return {x, y, std::min(sample.x, ground.columns - 1) - x + 1,
            std::min(sample.y, ground.rows - 1) - y + 1};
}

CropPlace CropGround::draw(std::size_t index, Random& random) const {
    const auto& sample = data_.samples[index];
    const auto& ground = grounds_[static_cast<std::size_t>(sample.scene)];
    const auto& size = data_.scenes[static_cast<std::size_t>(sample.scene)].size;
    const Window all = places(sample);
    const auto clean = ground.clean.of(all);
    CropPlace place{.scene = sample.scene, .clean = clean > 0};
    std::uint64_t left = random.below(clean > 0 ? clean : static_cast<std::uint64_t>(all.area()));
    const auto counted = [&](const Window& w) {
        return clean > 0 ? ground.clean.of(w) : static_cast<std::uint64_t>(w.area());
    };
    place.x = all.x, place.y = all.y;
    for (std::uint64_t row = 0; left >= (row = counted({all.x, place.y, all.width, 1})); ++place.y)
        left -= row;
    for (std::uint64_t one = 0; left >= (one = counted({place.x, place.y, 1, 1})); ++place.x) left -= one;
    if (size.width < side_) place.x = -((side_ - size.width) / 2);
    if (size.height < side_) place.y = -((side_ - size.height) / 2);
    return place;
}

void CropGround::cut(const CropPlace& place, std::span<float> values, std::span<float> labels) const {
    const auto& scene = data_.scenes[static_cast<std::size_t>(place.scene)];
    const auto& truth = grounds_[static_cast<std::size_t>(place.scene)].labels;
    const Cube window = window_of(scene, {place.x, place.y, side_, side_});
    std::copy(window.values.begin(), window.values.end(), values.begin());
    for (std::int64_t row = 0; row < side_; ++row)
        for (std::int64_t col = 0; col < side_; ++col) {
            const std::int64_t x = std::clamp<std::int64_t>(place.x + col, 0, scene.size.width - 1),
                               y = std::clamp<std::int64_t>(place.y + row, 0, scene.size.height - 1);
            const bool inside = x == place.x + col && y == place.y + row;
            const std::int64_t to = row * side_ + col;
            labels[static_cast<std::size_t>(to)] = static_cast<float>(
                inside ? truth[static_cast<std::size_t>(y * scene.size.width + x)] : kNoLabel);
        }
}

}  // namespace spectile::training
