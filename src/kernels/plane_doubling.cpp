#include <algorithm>

#include "hwy/aligned_allocator.h"
#include "kernels/plane_conv.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/plane_doubling.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/gelu-inl.h"
#include "kernels/lane_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// One row of the input, and the two of the result that come of it, at one parity of columns each.
struct DoublingMemory {
    std::size_t cols, vectors, pitch, inputs, outputs;
    float *x, *y[2];
    hwy::AlignedFreeUniquePtr<float[]> floats;

    DoublingMemory(const PlaneDoubling& doubling, const PlaneConvImage& image)
        : cols(static_cast<std::size_t>(image.cols)),
          vectors((cols + kPlaces - 1) / kPlaces),
          pitch((vectors + 1) * kPlaces),
          inputs(static_cast<std::size_t>(doubling.inputs)),
          outputs(static_cast<std::size_t>(doubling.outputs)) {
        const std::size_t total = (inputs + 2 * outputs) * pitch;
        floats = hwy::AllocateAligned<float>(total);
        std::fill_n(floats.get(), total, 0.0F);
        x = floats.get();
        y[0] = x + inputs * pitch;
        y[1] = y[0] + outputs * pitch;
    }
};

HWY_INLINE void FinishColumns(const PlaneDoubling& doubling, const DoublingMemory& memory, float* y) {
    const PlaceTag d;
    if (doubling.layer_norm) {
        for (std::size_t v = 0; v < memory.vectors; ++v)
            NormaliseLanes({doubling.norm.scale, doubling.norm.shift, memory.outputs, memory.pitch},
                           y + v * kPlaces, y + v * kPlaces);
        return;
    }
    for (std::size_t o = 0; o < memory.outputs; ++o, y += memory.pitch) {
        const auto scale = hn::Set(d, doubling.norm.scale[o]), shift = hn::Set(d, doubling.norm.shift[o]);
        ForVectors(d, memory.vectors * kPlaces, [&](auto several, std::size_t i) HWY_ATTR {
            auto x = LoadSeveral<several()>(d, y + i, kPlaces);
            for (int k = 0; k < several(); ++k) x[k] = hn::MulAdd(x[k], scale, shift);
            StoreSeveral(d, Gelu(d, x), y + i, kPlaces);
        });
    }
}

/// Even and odd columns side by side, with what is added.
HWY_INLINE void PutColumns(const DoublingMemory& memory, const PlaneConvImage& image, std::size_t row) {
    const std::size_t rows = 2 * static_cast<std::size_t>(image.rows), cols = 2 * memory.cols;
    for (std::size_t o = 0; o < memory.outputs; ++o) {
        const float *even = memory.y[0] + o * memory.pitch, *odd = memory.y[1] + o * memory.pitch;
        const std::size_t at = (o * rows + row) * cols;
        float* to = image.out + at;
        for (std::size_t i = 0; i < memory.cols; ++i) {
            to[2 * i] = even[i];
            to[2 * i + 1] = odd[i];
        }
        if (!image.added) continue;
        for (std::size_t i = 0; i < cols; ++i) to[i] += image.added[at + i];
    }
}

void DoubleRows(const PlaneDoubling& doubling, const PlaneConvImage& image, std::int64_t begin,
                std::int64_t end) {
    const DoublingMemory memory(doubling, image);
    const std::size_t plane = static_cast<std::size_t>(image.rows) * memory.cols,
                      floats = memory.outputs * memory.inputs;
    for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
        for (std::size_t c = 0; c < memory.inputs; ++c)
            std::copy_n(image.x + c * plane + row * memory.cols, memory.cols, memory.x + c * memory.pitch);
        for (std::size_t i = 0; i < 2; ++i) {
            for (std::size_t j = 0; j < 2; ++j) {
                MultiplyAll({doubling.weight + (2 * i + j) * floats, nullptr, memory.inputs, memory.outputs},
                            memory.vectors, {memory.x, kPlaces, memory.pitch},
                            {memory.y[j], kPlaces, memory.pitch});
                FinishColumns(doubling, memory, memory.y[j]);
            }
            PutColumns(memory, image, 2 * row + i);
        }
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(DoubleRows);

void plane_doubling_forward(const PlaneDoubling& doubling, const PlaneConvImage& image, std::int64_t begin,
                            std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(DoubleRows)(doubling, image, begin, end);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
