#include "kernels/dense_head.hpp"

#include <hwy/aligned_allocator.h>

#include <algorithm>

#include "kernels/pixel_layers.hpp"

namespace spectile::kernels {
namespace {

constexpr std::size_t kScales = 4;
constexpr std::size_t kPools[kScales] = {1, 2, 3, 6};  ///< Cells along a side.
constexpr std::size_t kPiece = 96;                     ///< Pixels of a task: whole tiles of the product.
constexpr std::size_t kBand = 16;                      ///< Rows of a task of the last layer.

using Values = hwy::AlignedFreeUniquePtr<float[]>;

/// A square map in memory of its own.
class OwnMap {
public:
    OwnMap() = default;
    OwnMap(std::size_t side, std::size_t width)
        : values_(hwy::AllocateAligned<float>(side * side * width)), map_{values_.get(), side, width} {}

    const PixelMap& get() const { return map_; }
    std::size_t pixels() const { return map_.side * map_.side; }
    std::size_t pieces() const { return (pixels() + kPiece - 1) / kPiece; }
    PixelRange piece(std::size_t index) const {
        const std::size_t first = index * kPiece;
        return {map_.side, first, std::min(kPiece, pixels() - first)};
    }
    /// As one row.
    Pixels at(const PixelRange& range) const {
        return {map_.data + range.first * map_.width, 1, range.count, 0, map_.width};
    }
    Pixels all() const { return at({map_.side, 0, pixels()}); }

private:
    Values values_;
    PixelMap map_;
};

/// From the panel's channels on.
Pixels from_panel(Pixels pixels, std::size_t panel) {
    pixels.first += panel * kChannelPanel;
    return pixels;
}

/// Every output.
void convolve(const PixelMatrix& matrix, const Pixels& x, const Pixels& y) {
    for (std::size_t panel = 0; panel < matrix.panels(); ++panel)
        convolve_pixels(matrix, panel, x, from_panel(y, panel));
}

}  // namespace

class DenseHead::Memory {
public:
    Memory(std::size_t grid, const DenseHeadWeights& weights) {
        const std::size_t width = weights.pyramid.width();
        for (std::size_t i = 0; i < kScales; ++i) {
            scales[i] = OwnMap(grid, weights.scales[i].conv.width());
            levels[i] = OwnMap(grid << i, width);
            if (i + 1 < kScales) fused[i] = OwnMap(grid << i, width);
            largest[i] = OwnMap(kPools[i], scales[0].get().width);
            pooled[i] = OwnMap(kPools[i], width);
        }
        enlarging = OwnMap(grid, width);
    }

    std::array<OwnMap, kScales> scales;     ///< Of the features, wide.
    std::array<OwnMap, kScales> levels;     ///< What is joined, each in place of the one before it.
    std::array<OwnMap, kScales - 1> fused;  ///< The levels' shares of the last join.
    std::array<OwnMap, kScales> largest, pooled;
    OwnMap enlarging;  ///< The coarsest level as the next one takes it.
};

namespace {

using ParallelFor = DenseHead::ParallelFor;

/// One run of the head.
class Pass {
public:
    Pass(const DenseHeadWeights& weights, DenseHead::Memory& memory, const ParallelFor& parallel)
        : weights_(weights), memory_(memory), parallel_(parallel) {}

    void run(const float* map, float* scores) {
        widen(map);
        enlarge();
        build_pyramid();
        for (std::size_t level = 1; level < kScales; ++level) join(level);
        fuse();
        classify(scores);
    }

private:
    template <typename Body>
    void for_each(std::size_t count, Body body) const {
        parallel_(static_cast<std::int64_t>(count),
                  [&](std::int64_t index) { body(static_cast<std::size_t>(index)); });
    }
    /// Tasks of several maps, one behind the other: body(map, task).
    template <typename Count, typename Body>
    void for_each_map(Count count, Body body) const {
        std::vector<std::pair<std::size_t, std::size_t>> tasks;
        for (std::size_t map = kScales; map-- > 0;)  // Where there is more to do first.
            for (std::size_t task = 0; task < count(map); ++task) tasks.emplace_back(map, task);
        for_each(tasks.size(), [&](std::size_t i) { body(tasks[i].first, tasks[i].second); });
    }
    /// body(range, y) over the pieces of a map, whose moments are then normalised.
    template <typename Body>
    GroupMoments normalised(const OwnMap& map, const GroupNorm& norm, Body body) const {
        GroupMoments moments(map.pieces(), map.get().width);
        for_each(map.pieces(), [&](std::size_t piece) {
            const auto range = map.piece(piece);
            const Pixels y = map.at(range);
            body(range, y);
            moments.describe(piece, y);
        });
        moments.normalise(norm);
        return moments;
    }
    static Pixels scratch_of(const Values& values, const Pixels& like, std::size_t width) {
        return {values.get(), 1, like.cols, 0, width};
    }

    void widen(const float* map);
    void enlarge();
    void build_pyramid();
    void pool(std::size_t index) const;
    void join(std::size_t level);
    void finish_level(std::size_t level, const GroupMoments& moments) const;
    void fuse();
    void classify(float* scores) const;
    Values neighbours_of(std::size_t first, std::size_t end) const;

    const DenseHeadWeights& weights_;
    DenseHead::Memory& memory_;
    const ParallelFor& parallel_;
    std::vector<GroupMoments> fine_;  ///< Of each level before it is joined, but the coarsest's.
    std::vector<GroupMoments> last_;  ///< Of what the last layer reads.
};

void Pass::widen(const float* map) {
    std::vector<GroupMoments> moments;
    for (const auto& scale : memory_.scales) moments.emplace_back(1, scale.get().width);
    const auto& convs = weights_.scales;
    for_each_map([&](std::size_t i) { return convs[i].conv.panels(); },
                 [&](std::size_t i, std::size_t panel) {
                     const auto y = from_panel(memory_.scales[i].all(), panel);
                     const std::size_t in = convs[i].conv.in;
                     // Only read.
                     convolve_pixels(convs[i].conv, panel, {const_cast<float*>(map), 1, y.cols, 0, in}, y);
                     moments[i].describe_panel(0, panel, y);
                 });
    for (std::size_t i = 0; i < kScales; ++i) moments[i].normalise(convs[i].norm);
    for_each_map([&](std::size_t i) { return memory_.scales[i].pieces(); },
                 [&](std::size_t i, std::size_t piece) {
                     const auto x = memory_.scales[i].at(memory_.scales[i].piece(piece));
                     scale_and_gelu(moments[i].scale(), x, x);
                 });
}

/// Every pixel becomes a square; one of its pixels at a time, all over the map.
void Pass::enlarge() {
    for (std::size_t i = 1; i < kScales; ++i)
        fine_.emplace_back(weights_.scales[i].enlarged.size(), memory_.levels[i].get().width);
    for_each_map(
        [&](std::size_t i) { return weights_.scales[i].enlarged.size(); },
        [&](std::size_t i, std::size_t place) {
            const PixelMap& to = memory_.levels[i].get();
            const PixelMap& from = memory_.scales[i].get();
            const std::size_t n = std::size_t{1} << i, side = from.side;
            const Pixels y{to.pixel(place / n, place % n), side, side, n * to.side * to.width, n * to.width};
            const Pixels x{from.data, side, side, side * from.width, from.width};
            convolve(weights_.scales[i].enlarged[place], x, y);
            fine_[i - 1].describe(place, y);
        });
    for (std::size_t i = 1; i < kScales; ++i) fine_[i - 1].normalise(weights_.joins[i - 1].fine_norm);
}

/// The largest values in cells of the coarsest scale: cell i of n is [floor(i s / n), ceil((i + 1) s / n)).
void Pass::pool(std::size_t index) const {
    const PixelMap &from = memory_.scales[0].get(), &to = memory_.largest[index].get();
    const std::size_t cells = to.side;
    const auto begin = [&](std::size_t i) { return i * from.side / cells; };
    const auto end = [&](std::size_t i) { return ((i + 1) * from.side + cells - 1) / cells; };
    for (std::size_t row = 0; row < cells; ++row)
        for (std::size_t col = 0; col < cells; ++col)
            find_largest({from.pixel(begin(row), begin(col)), end(row) - begin(row), end(col) - begin(col),
                          from.side * from.width, from.width},
                         from.width, to.pixel(row, col));
    convolve(weights_.pools[index], memory_.largest[index].all(), memory_.pooled[index].all());
}

void Pass::build_pyramid() {
    for_each(kScales, [&](std::size_t index) { pool(index); });
    const auto moments =
        normalised(memory_.levels[0], weights_.pyramid_norm, [&](const PixelRange& range, const Pixels& y) {
            convolve(weights_.pyramid, memory_.scales[0].at(range), y);
            for (const auto& pooled : memory_.pooled) add_resized(pooled.get(), range, y.first);
        });
    finish_level(0, moments);
}

/// Normalises a joined level, and what those behind it take of it.
void Pass::finish_level(std::size_t level, const GroupMoments& moments) const {
    const auto& map = memory_.levels[level];
    for_each(map.pieces(), [&](std::size_t piece) {
        const auto range = map.piece(piece);
        const Pixels x = map.at(range);
        scale_and_gelu(moments.scale(), x, x);
        convolve(weights_.fuse[level], x, memory_.fused[level].at(range));
        if (level == 0) convolve(weights_.conv_x1, x, memory_.enlarging.at(range));
    });
}

/// The coarser level, enlarged, and the finer scale.
void Pass::join(std::size_t level) {
    const auto& join = weights_.joins[level - 1];
    const PixelMap& coarse = (level == 1 ? memory_.enlarging : memory_.levels[level - 1]).get();
    const auto moments =
        normalised(memory_.levels[level], join.norm, [&](const PixelRange& range, const Pixels& y) {
            const auto values = hwy::AllocateAligned<float>(y.cols * coarse.width);
            const Pixels sum = scratch_of(values, y, coarse.width);
            scale_and_gelu(fine_[level - 1].scale(), y, sum);
            add_resized(coarse, range, sum.first);
            convolve(join.conv, sum, y);
        });
    if (level + 1 < kScales)
        finish_level(level, moments);
    else
        last_.push_back(moments);
}

void Pass::fuse() {
    const GroupMoments joined = std::move(last_.back());
    last_.back() = normalised(memory_.levels[kScales - 1], weights_.fuse_norm,
                              [&](const PixelRange& range, const Pixels& y) {
                                  const std::size_t width = memory_.levels[kScales - 1].get().width;
                                  const auto values = hwy::AllocateAligned<float>(y.cols * width);
                                  const Pixels finest = scratch_of(values, y, width);
                                  scale_and_gelu(joined.scale(), y, finest);
                                  convolve(weights_.fuse[kScales - 1], finest, y);
                                  for (const auto& coarser : memory_.fused)
                                      add_resized(coarser.get(), range, y.first);
                              });
}

/// What every pixel of the rows [first, end) adds to its neighbours' classes.
Values Pass::neighbours_of(std::size_t first, std::size_t end) const {
    const PixelMap& map = memory_.levels[kScales - 1].get();
    const std::size_t width = weights_.classes.width();
    auto out = hwy::AllocateAligned<float>((end - first) * map.side * width);
    const auto values = hwy::AllocateAligned<float>(map.side * map.width);
    for (std::size_t row = first; row < end; ++row) {
        const Pixels x{map.pixel(row, 0), 1, map.side, 0, map.width};
        const Pixels normed = scratch_of(values, x, map.width);
        scale_and_gelu(last_.back().scale(), x, normed);
        convolve(weights_.classes, normed,
                 {out.get() + (row - first) * map.side * width, 1, map.side, 0, width});
    }
    return out;
}

/// The 3x3 convolution, beyond the edge 0: bands of rows, each with the rows beside it.
void Pass::classify(float* scores) const {
    const std::size_t side = memory_.levels[kScales - 1].get().side, width = weights_.classes.width();
    const std::size_t classes = weights_.class_bias.size();
    for_each((side + kBand - 1) / kBand, [&](std::size_t band) {
        const std::size_t begin = band * kBand, end = std::min(begin + kBand, side);
        const std::size_t above = begin - std::min<std::size_t>(begin, 1);
        const auto neighbours = neighbours_of(above, std::min(end + 1, side));
        std::vector<float> sum(classes);
        for (std::size_t row = begin; row < end; ++row)
            for (std::size_t col = 0; col < side; ++col) {
                sum = weights_.class_bias;
                for (std::size_t i = 0; i < 9; ++i) {
                    const std::size_t r = row + i / 3, c = col + i % 3;  // One further than the neighbour.
                    if (r < 1 || r > side || c < 1 || c > side) continue;
                    const float* from =
                        neighbours.get() + ((r - 1 - above) * side + c - 1) * width + i * classes;
                    for (std::size_t k = 0; k < classes; ++k) sum[k] += from[k];
                }
                for (std::size_t k = 0; k < classes; ++k) scores[(k * side + row) * side + col] = sum[k];
            }
    });
}

}  // namespace

DenseHead::DenseHead(std::size_t grid, DenseHeadWeights weights)
    : grid_(grid), weights_(std::move(weights)) {}

DenseHead::~DenseHead() = default;

std::shared_ptr<DenseHead::Memory> DenseHead::memory() const {
    return std::make_shared<Memory>(grid_, weights_);
}

void DenseHead::run(Memory& memory, const float* map, float* scores, const ParallelFor& parallel) const {
    Pass(weights_, memory, parallel).run(map, scores);
}

}  // namespace spectile::kernels
