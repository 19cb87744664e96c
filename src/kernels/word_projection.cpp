#include "kernels/word_projection.hpp"

#include <algorithm>

#include "hwy/aligned_allocator.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/word_projection.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/lane_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

void ProjectWords(const WordProjection& of, const WordSentences& work, std::int64_t begin, std::int64_t end) {
    const auto words = static_cast<std::size_t>(of.words), width = static_cast<std::size_t>(of.width);
    const auto memory = hwy::AllocateAligned<float>((words + width) * kPlaces);
    float *x = memory.get(), *y = x + words * kPlaces;
    for (std::int64_t first = begin; first < end; first += static_cast<std::int64_t>(kPlaces)) {
        const std::size_t there = std::min(kPlaces, static_cast<std::size_t>(end - first)),
                          row = static_cast<std::size_t>(first);
        LoadRows(work.words + row * words, words, there, x);
        NormaliseLanes({of.norm1_weight, of.norm1_bias, words}, x, x);
        MultiplyAll({of.weight, nullptr, words, width}, 1, {x, 0, kPlaces}, {y, 0, kPlaces});
        NormaliseLanes({of.norm2_weight, of.norm2_bias, width}, y, y);
        StoreRows(y, width, there, work.out + row * width);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(ProjectWords);

void project_words(const WordProjection& projection, const WordSentences& work, std::int64_t begin,
                   std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(ProjectWords)(projection, work, begin, end);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
