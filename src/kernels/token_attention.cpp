#include "kernels/token_attention.hpp"

#include <algorithm>

#include "kernels/flush_denormals.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/token_attention.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/exp-inl.h"
#include "kernels/token_pairs-inl.h"
#include "kernels/token_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

constexpr std::size_t kKeyPanels = 4;  ///< Scores of so many panels of keys stay in the first cache.
constexpr float kLowest = -1e30F;
/// A weight of 2^-100 beside one of 1 is nothing to float32, and its product with a value is no denormal
/// number, on which some processors lose a hundred cycles.
constexpr float kLeastExponent = -100.0F;

/// Of a panel of queries: scores of a block of keys, and what the softmax has seen so far.
struct Scores {
    alignas(64) float values[kKeyPanels * kTokenPanel * kTokenPanel];
    alignas(64) float largest[kTokenPanel];
    alignas(64) float sum[kTokenPanel];
    alignas(64) float factor[kTokenPanel];
};

/// The largest of one vector of queries over some keys.
HWY_INLINE hn::Vec<TokenTag> LargestOf(const float* scores, std::size_t keys, hn::Vec<TokenTag> largest) {
    const TokenTag d;
    hn::Vec<TokenTag> four[4] = {largest, largest, largest, largest};
    std::size_t key = 0;
    for (; key + 4 <= keys; key += 4)
        for (int i = 0; i < 4; ++i)
            four[i] =
                hn::Max(four[i], hn::LoadU(d, scores + (key + static_cast<std::size_t>(i)) * kTokenPanel));
    for (; key < keys; ++key) four[0] = hn::Max(four[0], hn::LoadU(d, scores + key * kTokenPanel));
    return hn::Max(hn::Max(four[0], four[1]), hn::Max(four[2], four[3]));
}

/// 2^(x - largest), or what is 0 beside 1.
template <int K>
HWY_INLINE Several<TokenTag, K> Weigh(Several<TokenTag, K> x, hn::Vec<TokenTag> largest) {
    const TokenTag d;
    for (int k = 0; k < K; ++k) x[k] = hn::Max(hn::Sub(x[k], largest), hn::Set(d, kLeastExponent));
    return Exp2InRange(d, x);
}

/// Replaces the scores of one vector of queries by their weights.
HWY_INLINE void WeighScores(Scores& scores, std::size_t keys, std::size_t token) {
    const TokenTag d;
    float* values = scores.values + token;
    const auto before = hn::LoadU(d, scores.largest + token), now = LargestOf(values, keys, before);
    const auto factor = Weigh(Several<TokenTag, 1>{{before}}, now)[0];
    auto sum = hn::Zero(d);
    std::size_t key = 0;
    for (; key + 4 <= keys; key += 4) {
        const auto e = Weigh(LoadSeveral<4>(d, values + key * kTokenPanel, kTokenPanel), now);
        sum = hn::Add(sum, hn::Add(hn::Add(e[0], e[1]), hn::Add(e[2], e[3])));
        StoreSeveral(d, e, values + key * kTokenPanel, kTokenPanel);
    }
    for (; key < keys; ++key) {
        const auto e = Weigh(LoadSeveral<1>(d, values + key * kTokenPanel, kTokenPanel), now);
        sum = hn::Add(sum, e[0]);
        StoreSeveral(d, e, values + key * kTokenPanel, kTokenPanel);
    }
    hn::StoreU(now, d, scores.largest + token);
    hn::StoreU(factor, d, scores.factor + token);
    hn::StoreU(hn::MulAdd(hn::LoadU(d, scores.sum + token), factor, sum), d, scores.sum + token);
}

/// Multiplies every row of a panel by one factor for each token.
HWY_INLINE void ScalePanel(const float* factor, std::size_t rows, float* out) {
    const TokenTag d;
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t token = 0; token < kTokenPanel; token += hn::Lanes(d)) {
            float* at = out + row * kTokenPanel + token;
            hn::StoreU(hn::Mul(hn::LoadU(d, at), hn::LoadU(d, factor + token)), d, at);
        }
}

/// One panel of queries of one head.
struct Query {
    const TokenAttention& attention;
    std::size_t panel, head;

    /// Pairs of features lie where half as many features would.
    const float* scored(const float* of, std::size_t key_panel) const {
        return of + key_panel * attention.stride + head * scored_features() * kTokenPanel;
    }
    std::size_t scored_features() const {
        return attention.bfloat16 ? attention.head_width / 2 : attention.head_width;
    }
    /// Of v and of the output.
    std::size_t at(std::size_t key_panel) const {
        return key_panel * attention.stride + head * attention.head_width * kTokenPanel;
    }
};

HWY_INLINE const std::uint32_t* Pairs(const float* panel) {
    return reinterpret_cast<const std::uint32_t*>(panel);
}

/// Scores of a panel of keys.
HWY_INLINE void MultiplyKeys(const Query& query, std::size_t panel, float* scores) {
    const auto& a = query.attention;
    const float *k = query.scored(a.k, panel), *q = query.scored(a.q, query.panel);
    const std::size_t features = query.scored_features();
    if (a.bfloat16)
        MultiplyPairPanel<true, kAttentionRows>(PairFactors<1, kTokenPanel>{Pairs(k), features}, kTokenPanel,
                                                Pairs(q), scores);
    else
        MultiplyPanel<true, kAttentionRows>(Factors<1, kTokenPanel>{k, features}, kTokenPanel, q, scores);
}

/// Some panels of values from `first` on, weighted.
template <bool kFromZero>
HWY_INLINE void MultiplyValues(const Query& query, std::size_t first, std::size_t panels, Scores& scores) {
    const auto& a = query.attention;
    const float* v = a.v + query.at(first);
    float* out = a.out + query.at(query.panel);
    constexpr std::size_t kPanel = kTokenPanel * kTokenPanel;
    if (a.bfloat16) {
        PairRows(panels * kTokenPanel, scores.values);
        MultiplyPairPanel<kFromZero, kAttentionRows>(
            PairFactors<kTokenPanel, 1>{Pairs(v), kTokenPanel / 2, panels, a.stride, kPanel / 2},
            a.head_width, Pairs(scores.values), out);
    } else {
        MultiplyPanel<kFromZero, kAttentionRows>(
            Factors<kTokenPanel, 1>{v, kTokenPanel, panels, a.stride, kPanel}, a.head_width, scores.values,
            out);
    }
}

/// Scores and weights of a block of keys; those behind the last token are 0.
HWY_INLINE void ScoreKeys(const Query& query, std::size_t first, std::size_t panels, Scores& scores) {
    const auto& a = query.attention;
    for (std::size_t panel = 0; panel < panels; ++panel)
        MultiplyKeys(query, first + panel, scores.values + panel * kTokenPanel * kTokenPanel);
    const std::size_t rows = panels * kTokenPanel, keys = std::min(rows, a.tokens - first * kTokenPanel);
    for (std::size_t token = 0; token < kTokenPanel; token += hn::Lanes(TokenTag()))
        WeighScores(scores, keys, token);
    std::fill(scores.values + keys * kTokenPanel, scores.values + rows * kTokenPanel, 0.0F);
}

HWY_INLINE void Attend(const Query& query, Scores& scores) {
    const auto& a = query.attention;
    const std::size_t key_panels = (a.tokens + kTokenPanel - 1) / kTokenPanel;
    float* out = a.out + query.at(query.panel);
    std::fill(scores.largest, scores.largest + kTokenPanel, kLowest);
    std::fill(scores.sum, scores.sum + kTokenPanel, 0.0F);
    for (std::size_t first = 0; first < key_panels; first += kKeyPanels) {
        const std::size_t panels = std::min(kKeyPanels, key_panels - first);
        ScoreKeys(query, first, panels, scores);
        if (first == 0) {
            MultiplyValues<true>(query, first, panels, scores);
        } else {
            ScalePanel(scores.factor, a.head_width, out);
            MultiplyValues<false>(query, first, panels, scores);
        }
    }
    for (std::size_t token = 0; token < kTokenPanel; ++token) scores.factor[token] = 1 / scores.sum[token];
    ScalePanel(scores.factor, a.head_width, out);
}

/// Head by head, so that its keys and values stay in the second cache.
void AttendTokens(const TokenAttention& attention, std::size_t first, std::size_t count) {
    Scores scores;
    for (std::size_t head = 0; head < attention.heads; ++head)
        for (std::size_t panel = first; panel < first + count; ++panel)
            Attend({attention, panel, head}, scores);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(AttendTokens);

void attend_tokens(const TokenAttention& attention, std::size_t first, std::size_t count) {
    if (!attention.bfloat16) return HWY_DYNAMIC_DISPATCH(AttendTokens)(attention, first, count);
    const FlushDenormals flush;
    HWY_DYNAMIC_DISPATCH(AttendTokens)(attention, first, count);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
