#include "kernels/token_layers.hpp"

#include <algorithm>

#include "kernels/flush_denormals.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/token_layers.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/gelu-inl.h"
#include "kernels/lane_norm-inl.h"
#include "kernels/token_pairs-inl.h"
#include "kernels/token_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

constexpr std::size_t kTile = TokenMatrix::kOutputs * kTokenPanel;
constexpr int kAhead = 384;          ///< Floats of weights that are fetched ahead.
constexpr std::size_t kBlocks = 32;  ///< Their weights of a piece stay in the second cache.

HWY_INLINE void GeluTile(float* tile) {
    const TokenTag d;
    constexpr std::size_t kLanes = hn::MaxLanes(TokenTag());
    static_assert(kTile % (4 * kLanes) == 0);
    for (std::size_t i = 0; i < kTile; i += 4 * kLanes)
        StoreSeveral(d, Gelu(d, LoadSeveral<4>(d, tile + i, kLanes)), tile + i, kLanes);
}

/// What the sums of a tile begin with.
HWY_INLINE void BeginTile(const float* bias, bool adds, float* y) {
    const TokenTag d;
    for (std::size_t o = 0; o < TokenMatrix::kOutputs; ++o)
        for (std::size_t token = 0; token < kTokenPanel; token += hn::Lanes(d)) {
            float* at = y + o * kTokenPanel + token;
            const auto value = hn::Set(d, bias[o]);
            hn::StoreU(adds ? hn::Add(hn::LoadU(d, at), value) : value, d, at);
        }
}

/// The inputs that one pass over some outputs sums up.
struct Inputs {
    std::size_t first, count;
    bool last;
};

/// The weights of a block that belong to some inputs, times these.
HWY_INLINE void MultiplyInputs(const TokenMatrix& matrix, const Inputs& inputs, std::size_t block,
                               const float* x, float* tile) {
    constexpr int kStep = TokenMatrix::kOutputs;
    const std::size_t at = matrix.offset(inputs.first, block);
    x += inputs.first * kTokenPanel;
    if (matrix.bfloat16())
        MultiplyPairPanel<false, kStep, kAhead>(PairFactors<1, kStep>{matrix.pairs.data() + at, inputs.count},
                                                kStep, reinterpret_cast<const std::uint32_t*>(x), tile);
    else
        MultiplyPanel<false, kLayerRows, kAhead>(Factors<1, kStep>{matrix.weights.data() + at, inputs.count},
                                                 kStep, x, tile);
}

/// Blocks of outputs [first, end) of one panel: the panel's inputs stay in the first cache, the weights in
/// the second.
HWY_INLINE void AddInputs(const TokenLayer& layer, const Inputs& inputs, std::size_t first, std::size_t end,
                          const float* x, float* y) {
    const TokenMatrix& matrix = *layer.matrix;
    for (std::size_t block = first; block < end; ++block) {
        float* tile = y + block * kTile;
        if (inputs.first == 0)
            BeginTile(matrix.bias.data() + block * TokenMatrix::kOutputs, layer.adds, tile);
        MultiplyInputs(matrix, inputs, block, x, tile);
        if (inputs.last && layer.gelu) GeluTile(tile);
    }
}

void ApplyLayer(const TokenLayer& layer, const TokenPanels& x, const TokenPanels& y) {
    const TokenMatrix& matrix = *layer.matrix;
    for (std::size_t first = 0; first < matrix.blocks(); first += kBlocks) {
        const std::size_t end = std::min(first + kBlocks, matrix.blocks());
        for (std::size_t input = 0; input < matrix.inputs(); input += TokenMatrix::kInputs) {
            const std::size_t count = std::min(TokenMatrix::kInputs, matrix.inputs() - input);
            for (std::size_t panel = 0; panel < x.count; ++panel)
                AddInputs(layer, {input, count, input + count == matrix.inputs()}, first, end, x.panel(panel),
                          y.panel(panel));
        }
    }
}

void PairFeatures(const TokenPanels& x) {
    for (std::size_t panel = 0; panel < x.count; ++panel) PairRows(x.stride / kTokenPanel, x.panel(panel));
}

void PairTokens(const TokenPanels& x) {
    for (std::size_t panel = 0; panel < x.count; ++panel) PairColumns(x.stride / kTokenPanel, x.panel(panel));
}

void NormalisePanels(const TokenNorm& norm, const TokenPanels& x, const TokenPanels& y) {
    const LaneNorm lanes{norm.weight, norm.bias, norm.width, kTokenPanel, norm.epsilon};
    for (std::size_t panel = 0; panel < x.count; ++panel)
        for (std::size_t token = 0; token < kTokenPanel; token += hn::Lanes(TokenTag()))
            NormaliseLanes(lanes, x.panel(panel) + token, y.panel(panel) + token);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(ApplyLayer);
HWY_EXPORT(NormalisePanels);
HWY_EXPORT(PairFeatures);
HWY_EXPORT(PairTokens);

void apply_layer(const TokenLayer& layer, const TokenPanels& x, const TokenPanels& y) {
    if (!layer.matrix->bfloat16()) return HWY_DYNAMIC_DISPATCH(ApplyLayer)(layer, x, y);
    const FlushDenormals flush;
    HWY_DYNAMIC_DISPATCH(ApplyLayer)(layer, x, y);
}

void pair_features(const TokenPanels& x) { HWY_DYNAMIC_DISPATCH(PairFeatures)(x); }

void pair_tokens(const TokenPanels& x) { HWY_DYNAMIC_DISPATCH(PairTokens)(x); }

void normalise_tokens(const TokenNorm& norm, const TokenPanels& x, const TokenPanels& y) {
    HWY_DYNAMIC_DISPATCH(NormalisePanels)(norm, x, y);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
