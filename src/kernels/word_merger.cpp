#include "kernels/word_merger.hpp"

#include <algorithm>
#include <vector>

#include "hwy/aligned_allocator.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/word_merger.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/lane_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// Merged sentences in the lanes.
struct MergerMemory {
    std::size_t side, words, width, outputs;
    std::size_t pitch;  ///< Words along a side of a merged grid with zeros around it.
    float *rows, *tokens, *grid,
        *out;                          ///< [lane][words * width], turned, [pitch * pitch][width], the result.
    std::vector<std::size_t> offsets;  ///< Of each weight's value from the first tap.
    hwy::AlignedFreeUniquePtr<float[]> floats;

    explicit MergerMemory(const WordMerger& merger)
        : side(static_cast<std::size_t>(merger.side)),
          words(side * side),
          width(static_cast<std::size_t>(merger.width)),
          outputs(static_cast<std::size_t>(merger.outputs)),
          pitch(2 * side + 2) {
        const std::size_t sentence = words * width * kPlaces, whole = pitch * pitch * width * kPlaces;
        const std::size_t total = 2 * sentence + whole + words * outputs * kPlaces;
        floats = hwy::AllocateAligned<float>(total);
        std::fill_n(floats.get(), total, 0.0F);
        rows = floats.get();
        tokens = rows + sentence;
        grid = tokens + sentence;
        out = grid + whole;
        for (std::size_t c = 0; c < width; ++c)
            for (std::size_t tap = 0; tap < 9; ++tap)
                offsets.push_back(((tap / 3 * pitch + tap % 3) * width + c) * kPlaces);
    }
    float* at(std::size_t row, std::size_t col) const { return grid + (row * pitch + col) * width * kPlaces; }
};

/// Merged sentences of a group.
struct Cells {
    std::size_t first, count;
};

/// One sentence of each cell, normalised, to its quarter of the grid.
HWY_INLINE void LoadQuarter(const WordMerger& merger, const WordMerging& work, std::size_t quarter,
                            const Cells& cells, const MergerMemory& memory) {
    const auto side = static_cast<std::size_t>(work.grid), half = side / 2;
    const std::size_t down = quarter / 2, right = quarter % 2, count = memory.words * memory.width;
    for (std::size_t lane = 0; lane < cells.count; ++lane) {
        const std::size_t cell = cells.first + lane, image = cell / (half * half),
                          row = cell / half % half * 2 + down, col = cell % half * 2 + right;
        std::copy_n(work.words + ((image * side + row) * side + col) * count, count,
                    memory.rows + lane * count);
    }
    LoadRows(memory.rows, count, cells.count, memory.tokens);
    for (std::size_t word = 0; word < memory.words; ++word)
        NormaliseLanes({merger.norm_weight, merger.norm_bias, memory.width},
                       memory.tokens + word * memory.width * kPlaces,
                       memory.at(1 + down * memory.side + word / memory.side,
                                 1 + right * memory.side + word % memory.side));
}

/// Words [first, first + count) of the merged sentences.
HWY_INLINE void ConvolveWords(const WordMerger& merger, const MergerMemory& memory, std::size_t first,
                              std::size_t count) {
    const PlaceTag d;
    HWY_ALIGN float y[kPlaces * kTileOutputs * kTileVectors];
    const float* x[kTileVectors] = {};
    for (std::size_t v = 0; v < count; ++v)
        x[v] = memory.at(2 * ((first + v) / memory.side), 2 * ((first + v) % memory.side));
    const std::size_t inputs = memory.offsets.size();
    for (std::size_t output = 0; output < memory.outputs; output += kTileOutputs) {
        const OffsetMatrix matrix{merger.weight + output * inputs, memory.offsets.data(), inputs,
                                  std::min<std::size_t>(kTileOutputs, memory.outputs - output)};
        if (count == kTileVectors)
            MultiplyAtOutputs<kTileVectors>(matrix, x, y);
        else
            MultiplyAtOutputs<1>(matrix, x, y);
        for (std::size_t o = 0; o < matrix.outputs; ++o)
            for (std::size_t v = 0; v < count; ++v)
                hn::Store(hn::Add(hn::Load(d, y + (o * kTileVectors + v) * kPlaces),
                                  hn::Set(d, merger.bias[output + o])),
                          d, memory.out + ((first + v) * memory.outputs + output + o) * kPlaces);
    }
}

void MergeWords(const WordMerger& merger, const WordMerging& work, std::int64_t begin, std::int64_t end) {
    const MergerMemory memory(merger);
    const auto last = static_cast<std::size_t>(end);
    const std::size_t count = memory.words * memory.outputs;
    for (auto first = static_cast<std::size_t>(begin); first < last; first += kPlaces) {
        const std::size_t there = std::min(kPlaces, last - first);
        for (std::size_t quarter = 0; quarter < 4; ++quarter)
            LoadQuarter(merger, work, quarter, {first, there}, memory);
        std::size_t word = 0;
        for (; word + kTileVectors <= memory.words; word += kTileVectors)
            ConvolveWords(merger, memory, word, kTileVectors);
        for (; word < memory.words; ++word) ConvolveWords(merger, memory, word, 1);
        StoreRows(memory.out, count, there, work.out + first * count);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(MergeWords);

void merge_words(const WordMerger& merger, const WordMerging& work, std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(MergeWords)(merger, work, begin, end);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
