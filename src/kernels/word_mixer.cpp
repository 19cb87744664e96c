#include "kernels/word_mixer.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "hwy/aligned_allocator.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/word_mixer.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/exp-inl.h"
#include "kernels/lane_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

constexpr std::size_t kStates = 16, kDirections = 4;
using Row = hn::Vec<PlaceTag>;

/// Sizes as array indices, and rates of decay times log2(e).
struct Mixer {
    const WordMixer& of;
    const float* a2;          ///< [4, e, 16]
    const float* a2_largest;  ///< [4, e]
    std::size_t side, words, width, inner, rank, columns;

    Mixer(const WordMixer& mixer, const float* rates, const float* largest)
        : of(mixer),
          a2(rates),
          a2_largest(largest),
          side(static_cast<std::size_t>(mixer.side)),
          words(side * side),
          width(static_cast<std::size_t>(mixer.width)),
          inner(static_cast<std::size_t>(mixer.inner)),
          rank(static_cast<std::size_t>(mixer.rank)),
          columns(rank + 2 * kStates) {}
};

/// What one group of sentences needs; vectors of kPlaces.
struct Memory {
    float *tokens, *seen;           ///< [words][width]
    float *both, *u, *y;            ///< [words][x, z], [words][inner] twice
    float* projected;               ///< [words][columns] of one direction
    float *delta, *delta_u, *raws;  ///< [words] of one channel, in the order of the direction
    hwy::AlignedFreeUniquePtr<float[]> floats;

    explicit Memory(const Mixer& m) {
        const std::size_t steps = (m.words + 3) / 4 * 4;
        const std::size_t sizes[] = {m.words * m.width,
                                     m.words * m.width,
                                     m.words * m.inner * 2,
                                     m.words * m.inner,
                                     m.words * m.inner,
                                     m.words * m.columns,
                                     steps,
                                     steps,
                                     steps};
        float** parts[] = {&tokens, &seen, &both, &u, &y, &projected, &delta, &delta_u, &raws};
        std::size_t total = 0;
        for (const auto size : sizes) total += size * kPlaces;
        floats = hwy::AllocateAligned<float>(total);
        float* at = floats.get();
        std::fill_n(at, total, 0.0F);  // Steps beyond the last word are computed with the others.
        for (std::size_t i = 0; i < std::size(sizes); at += sizes[i] * kPlaces, ++i) *parts[i] = at;
    }
};

/// The official layout's view: position p gets the flat elements p*d.. of the [d, L] transpose.
HWY_INLINE void Scramble(const Mixer& m, const float* tokens, float* seen) {
    const PlaceTag d;
    for (std::size_t f = 0; f < m.width; ++f)
        for (std::size_t t = 0; t < m.words; ++t)
            hn::StoreU(hn::LoadU(d, tokens + (t * m.width + f) * kPlaces), d,
                       seen + (f * m.words + t) * kPlaces);
}

/// u = SiLU(conv of x), each word's 3 x 3 neighbours within the sentence.
HWY_INLINE void ConvolveWords(const Mixer& m, const float* both, float* u) {
    const PlaceTag d;
    const auto taps = [&](std::size_t at) {
        return std::pair<std::size_t, std::size_t>{at == 0 ? 1 : 0, at + 1 == m.side ? 2 : 3};
    };
    for (std::size_t word = 0; word < m.words; ++word) {
        const auto [top, bottom] = taps(word / m.side);
        const auto [left, right] = taps(word % m.side);
        for (std::size_t c = 0; c < m.inner; ++c) {
            auto sum = hn::Set(d, m.of.conv_bias[c]);
            for (std::size_t i = top; i < bottom; ++i)
                for (std::size_t j = left; j < right; ++j) {
                    const std::size_t from = word + (i * m.side + j) - (m.side + 1);
                    sum = hn::MulAdd(hn::Set(d, m.of.conv[c * 9 + 3 * i + j]),
                                     hn::LoadU(d, both + (from * 2 * m.inner + c) * kPlaces), sum);
                }
            hn::StoreU(sum, d, u + (word * m.inner + c) * kPlaces);
        }
    }
    ForVectors(d, m.words * m.inner * kPlaces, [&](auto several, std::size_t i) HWY_ATTR {
        const auto x = LoadSeveral<several()>(d, u + i, kPlaces);
        StoreSeveral(d, Silu(d, x), u + i, kPlaces);
    });
}

/// Which word comes at step t of a direction: by rows, by columns, and the reverse of each.
HWY_INLINE std::size_t WordAt(const Mixer& m, std::size_t direction, std::size_t t) {
    const std::size_t step = direction >= 2 ? m.words - 1 - t : t;
    return direction % 2 == 0 ? step : step % m.side * m.side + step / m.side;
}

/// One channel of one direction.
struct Walk {
    std::size_t direction, channel;
    std::size_t row(const Mixer& m) const { return direction * m.inner + channel; }
};

/// delta and delta * u of every step, and y += D u. Returns whether the short exponential serves throughout.
HWY_INLINE bool StartWalk(const Mixer& m, const Walk& walk, const Memory& memory) {
    const PlaceTag d;
    const std::size_t row = walk.row(m);
    const auto bias = hn::Set(d, m.of.dt_bias[row]), skip = hn::Set(d, m.of.D[row]);
    for (std::size_t t = 0; t < m.words; ++t) {
        const float* low = memory.projected + WordAt(m, walk.direction, t) * m.columns * kPlaces;
        auto raw = bias;
        for (std::size_t r = 0; r < m.rank; ++r)
            raw = hn::MulAdd(hn::Set(d, m.of.dt_weight[row * m.rank + r]), hn::LoadU(d, low + r * kPlaces),
                             raw);
        hn::StoreU(raw, d, memory.raws + t * kPlaces);
    }
    auto most = hn::Zero(d);
    for (std::size_t t = 0; t < m.words; t += 4) {
        const auto delta = Softplus(d, LoadSeveral<4>(d, memory.raws + t * kPlaces, kPlaces));
        StoreSeveral(d, delta, memory.delta + t * kPlaces, kPlaces);
        for (std::size_t k = 0; k < std::min<std::size_t>(4, m.words - t); ++k) {
            const std::size_t at = (WordAt(m, walk.direction, t + k) * m.inner + walk.channel) * kPlaces;
            const auto u = hn::LoadU(d, memory.u + at), step = delta[static_cast<int>(k)];
            hn::StoreU(hn::Mul(step, u), d, memory.delta_u + (t + k) * kPlaces);
            const auto y = walk.direction == 0 ? hn::Zero(d) : hn::LoadU(d, memory.y + at);
            hn::StoreU(hn::MulAdd(skip, u, y), d, memory.y + at);
            most = hn::Max(most, step);
        }
    }
    return hn::AllTrue(d, hn::Le(hn::Mul(most, hn::Set(d, m.a2_largest[row])), hn::Set(d, kExp2Range)));
}

/// The recurrence, four states at a time in registers; y sums over the states in their order.
template <bool kBounded>
HWY_INLINE void WalkWords(const Mixer& m, const Walk& walk, const Memory& memory) {
    const PlaceTag d;
    for (std::size_t n = 0; n < kStates; n += 4) {
        Several<PlaceTag, 4> rate, state;
        for (int k = 0; k < 4; ++k) {
            rate[k] = hn::Set(d, m.a2[walk.row(m) * kStates + n + static_cast<std::size_t>(k)]);
            state[k] = hn::Zero(d);
        }
        for (std::size_t t = 0; t < m.words; ++t) {
            const std::size_t word = WordAt(m, walk.direction, t);
            const float* b = memory.projected + (word * m.columns + m.rank + n) * kPlaces;
            const float* c = b + kStates * kPlaces;
            float* to = memory.y + (word * m.inner + walk.channel) * kPlaces;
            const auto delta = hn::LoadU(d, memory.delta + t * kPlaces);
            const auto delta_u = hn::LoadU(d, memory.delta_u + t * kPlaces);
            Several<PlaceTag, 4> decay;
            for (int k = 0; k < 4; ++k) decay[k] = hn::Mul(delta, rate[k]);
            if constexpr (kBounded)
                decay = Exp2InRange(d, decay);
            else
                decay = Exp2(d, decay);
            auto y = hn::LoadU(d, to);
            for (int k = 0; k < 4; ++k) {
                const std::size_t at = static_cast<std::size_t>(k) * kPlaces;
                state[k] = hn::MulAdd(decay[k], state[k], hn::Mul(delta_u, hn::LoadU(d, b + at)));
                y = hn::MulAdd(state[k], hn::LoadU(d, c + at), y);
            }
            hn::StoreU(y, d, to);
        }
    }
}

HWY_INLINE void ScanWords(const Mixer& m, const Memory& memory) {
    constexpr std::size_t kOrder[kDirections] = {0, 2, 1, 3};
    for (const auto direction : kOrder) {
        MultiplyAll({m.of.x_proj + direction * m.columns * m.inner, nullptr, m.inner, m.columns}, m.words,
                    {memory.u, m.inner * kPlaces, kPlaces}, {memory.projected, m.columns * kPlaces, kPlaces});
        for (std::size_t channel = 0; channel < m.inner; ++channel) {
            const Walk walk{direction, channel};
            if (HWY_LIKELY(StartWalk(m, walk, memory)))
                WalkWords<true>(m, walk, memory);
            else
                WalkWords<false>(m, walk, memory);
        }
    }
}

/// y = norm(y) * SiLU(z), word by word.
HWY_INLINE void GateWords(const Mixer& m, const Memory& memory) {
    const PlaceTag d;
    for (std::size_t word = 0; word < m.words; ++word) {
        float* y = memory.y + word * m.inner * kPlaces;
        const float* z = memory.both + (word * 2 + 1) * m.inner * kPlaces;
        NormaliseLanes({m.of.norm_weight, m.of.norm_bias, m.inner}, y, y);
        ForVectors(d, m.inner * kPlaces, [&](auto several, std::size_t i) HWY_ATTR {
            auto gate = Silu(d, LoadSeveral<several()>(d, z + i, kPlaces));
            for (int k = 0; k < several(); ++k)
                gate[k] = hn::Mul(gate[k], hn::LoadU(d, y + i + static_cast<std::size_t>(k) * kPlaces));
            StoreSeveral(d, gate, y + i, kPlaces);
        });
    }
}

/// One group of sentences; `tokens` holds the words, `seen` gets what is mixed.
HWY_INLINE void MixGroup(const Mixer& m, const Memory& memory) {
    const LaneNorm norm{m.of.norm1_weight, m.of.norm1_bias, m.words * m.width};
    if (m.of.official) {
        NormaliseLanes(norm, memory.tokens, memory.both);  // Until the product writes it, `both` is free.
        Scramble(m, memory.both, memory.seen);
    } else {
        NormaliseLanes(norm, memory.tokens, memory.seen);
    }
    const LaneRows tokens{memory.seen, m.width * kPlaces, kPlaces};
    MultiplyAll({m.of.in_proj, nullptr, m.width, 2 * m.inner}, m.words, tokens,
                {memory.both, 2 * m.inner * kPlaces, kPlaces});
    ConvolveWords(m, memory.both, memory.u);
    ScanWords(m, memory);
    GateWords(m, memory);
    MultiplyAll({m.of.out_proj, nullptr, m.inner, m.width}, m.words, {memory.y, m.inner * kPlaces, kPlaces},
                tokens);
}

void MixWords(const Mixer& m, const WordMixing& work, std::size_t begin, std::size_t end) {
    const PlaceTag d;
    const Memory memory(m);
    const std::size_t count = m.words * m.width;
    for (std::size_t first = begin; first < end; first += kPlaces) {
        const std::size_t there = std::min(kPlaces, end - first), at = first * count;
        LoadRows(work.words + at, count, there, memory.tokens);
        MixGroup(m, memory);
        if (work.mixed) StoreRows(memory.seen, count, there, work.mixed + at);
        for (std::size_t i = 0; i < count * kPlaces; i += kPlaces)
            hn::StoreU(hn::Add(hn::LoadU(d, memory.tokens + i), hn::LoadU(d, memory.seen + i)), d,
                       memory.tokens + i);
        StoreRows(memory.tokens, count, there, work.sums + at);
        NormaliseLanes({m.of.norm2_weight, m.of.norm2_bias, count}, memory.tokens, memory.seen);
        StoreRows(memory.seen, count, there, work.normed + at);
    }
}

void MixWordsOf(const WordMixer& mixer, const std::vector<float>& rates, const WordMixing& work,
                const std::int64_t (&range)[2]) {
    const Mixer m(mixer, rates.data(), rates.data() + 4 * mixer.inner * 16);
    MixWords(m, work, static_cast<std::size_t>(range[0]), static_cast<std::size_t>(range[1]));
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(MixWordsOf);

void mix_words(const WordMixer& mixer, const WordMixing& work, std::int64_t begin, std::int64_t end) {
    // Rates times log2(e), and the largest of each channel behind them.
    const std::int64_t rows = 4 * mixer.inner;
    std::vector<float> rates(static_cast<std::size_t>(rows * 17));
    for (std::int64_t row = 0; row < rows; ++row) {
        float& largest = rates[static_cast<std::size_t>(rows * 16 + row)];
        for (std::int64_t at = row * 16; at < (row + 1) * 16; ++at) {
            float& rate = rates[static_cast<std::size_t>(at)];
            rate = mixer.A[at] * 1.44269504088896341F;
            largest = std::fmax(largest, std::fabs(rate));
        }
    }
    HWY_DYNAMIC_DISPATCH(MixWordsOf)(mixer, rates, work, {begin, end});
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
