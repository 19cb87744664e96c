#pragma once

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/spectral_mamba.hpp"
#include "random_values.hpp"

// SpectralMamba one window at a time in double, written from models/spectralmamba.md section 2 as plainly as
// it reads.

namespace spectile::kernels::test {

using Doubles = std::vector<double>;

inline SpectralMambaShape random_shape(std::mt19937& g) {
    SpectralMambaShape shape;
    shape.bands = integer_between(g, 1, 41);
    shape.classes = integer_between(g, 1, 18);
    shape.patch_size = 2 * integer_between(g, 0, 2) + 1;
    shape.gssm_kernel = 2 * integer_between(g, 0, 2) + 1;
    shape.halo_padding = integer_between(g, 0, 1) == 1;
    shape.piece_len = integer_between(g, 1, 9);
    shape.d_model = integer_between(g, 2, 35);
    shape.depth = integer_between(g, 1, 2);
    shape.expand = integer_between(g, 1, 3);
    shape.d_state = integer_between(g, 1, 17);
    shape.d_conv = integer_between(g, 1, 5);
    shape.dt_rank = integer_between(g, 0, 4);
    return shape;
}

inline std::string describe(const SpectralMambaShape& s) {
    std::ostringstream text;
    text << "bands " << s.bands << " classes " << s.classes << " patch " << s.patch_size << " kernel "
         << s.gssm_kernel << (s.halo_padding ? " halo" : " zero") << " piece " << s.piece_len << " model "
         << s.d_model << " depth " << s.depth << " expand " << s.expand << " state " << s.d_state << " conv "
         << s.d_conv << " rank " << s.rank();
    return text.str();
}

struct RandomWeights {
    std::vector<std::vector<float>> held;
    SpectralMambaWeights pointers;

    RandomWeights(std::mt19937& g, const SpectralMambaShape& s) {
        held.reserve(64);
        const auto hold = [&](int count, float scale) {
            held.push_back(normal_values(g, static_cast<std::size_t>(count), scale));
            return held.back().data();
        };
        if (s.patch_size > 1) {
            pointers.gssm_dw_weight = hold(s.bands * s.gssm_kernel * s.gssm_kernel, 0.3F);
            pointers.gssm_dw_bias = hold(s.bands, 0.3F);
            pointers.gssm_pw_weight = hold(s.bands * s.bands, 0.3F);
            pointers.gssm_pw_bias = hold(s.bands, 0.3F);
        }
        pointers.embed_weight = hold(s.d_model * s.piece_len, 0.5F);
        pointers.embed_bias = hold(s.d_model, 0.5F);
        for (int i = 0; i < s.depth; ++i)
            pointers.blocks.push_back(
                {hold(s.d_model, 1), hold(s.d_model, 0.3F), hold(2 * s.inner() * s.d_model, 0.3F),
                 hold(s.inner() * s.d_conv, 0.5F), hold(s.inner(), 0.3F),
                 hold((s.rank() + 2 * s.d_state) * s.inner(), 0.3F), hold(s.inner() * s.rank(), 1),
                 hold(s.inner(), 1), hold(s.inner() * s.d_state, 1), hold(s.inner(), 1),
                 hold(s.d_model * s.inner(), 0.3F)});
        pointers.norm_weight = hold(s.d_model, 1);
        pointers.norm_bias = hold(s.d_model, 0.3F);
        pointers.head_weight = hold(s.classes * s.d_model, 0.5F);
        pointers.head_bias = hold(s.classes, 0.5F);
    }
};

inline double reference_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// y = W x, W [out, in].
inline Doubles reference_linear(const float* weight, int out, const Doubles& x) {
    Doubles y(static_cast<std::size_t>(out), 0.0);
    for (std::size_t o = 0; o < y.size(); ++o)
        for (std::size_t i = 0; i < x.size(); ++i)
            y[o] += static_cast<double>(weight[o * x.size() + i]) * x[i];
    return y;
}

inline Doubles reference_norm(const Doubles& x, const float* weight, const float* bias, double eps) {
    double mean = 0;
    double variance = 0;
    for (const double v : x) mean += v / static_cast<double>(x.size());
    for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
    Doubles y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        y[i] = (x[i] - mean) / std::sqrt(variance + eps) * weight[i] + bias[i];
    return y;
}

/// window [bands, side, side] to the merged spectrum.
inline Doubles reference_gssm(const SpectralMambaShape& s, const SpectralMambaWeights& w,
                              const std::vector<float>& window) {
    const int side = s.window();
    const int margin = (side - s.patch_size) / 2;
    const int reach = s.gssm_kernel / 2;
    const auto pixel = [&](int band, int y, int x) -> double {
        if (y < 0 || y >= side || x < 0 || x >= side) return 0.0;
        return window[static_cast<std::size_t>((band * side + y) * side + x)];
    };
    Doubles merged(static_cast<std::size_t>(s.bands), 0.0);
    if (s.patch_size == 1) {
        for (int band = 0; band < s.bands; ++band) merged[band] = pixel(band, 0, 0);
        return merged;
    }
    for (int y = margin; y < margin + s.patch_size; ++y)
        for (int x = margin; x < margin + s.patch_size; ++x) {
            Doubles t(static_cast<std::size_t>(s.bands));
            for (int band = 0; band < s.bands; ++band) {
                t[band] = w.gssm_dw_bias[band];
                for (int i = 0; i < s.gssm_kernel * s.gssm_kernel; ++i)
                    t[band] += w.gssm_dw_weight[band * s.gssm_kernel * s.gssm_kernel + i] *
                               pixel(band, y + i / s.gssm_kernel - reach, x + i % s.gssm_kernel - reach);
            }
            const Doubles v = reference_linear(w.gssm_pw_weight, s.bands, t);
            for (int band = 0; band < s.bands; ++band)
                merged[band] += reference_sigmoid(v[band] + w.gssm_pw_bias[band]) * pixel(band, y, x);
        }
    return merged;
}

/// One token's S6 step after the convolution: h is updated, y returned.
inline Doubles reference_step(const SpectralMambaShape& s, const SpectralMambaWeights::Block& b,
                              const Doubles& u, Doubles& h) {
    const int states = s.d_state;
    const Doubles projected = reference_linear(b.x_proj, s.rank() + 2 * states, u);
    const Doubles low(projected.begin(), projected.begin() + s.rank());
    Doubles delta = reference_linear(b.dt_weight, s.inner(), low);
    Doubles y(u.size());
    for (int e = 0; e < s.inner(); ++e) {
        delta[e] = std::log1p(std::exp(delta[e] + b.dt_bias[e]));
        y[e] = b.D[e] * u[e];
        for (int n = 0; n < states; ++n) {
            double& state = h[static_cast<std::size_t>(e * states + n)];
            state = std::exp(-delta[e] * std::exp(static_cast<double>(b.A_log[e * states + n]))) * state +
                    delta[e] * projected[s.rank() + n] * u[e];
            y[e] += projected[s.rank() + states + n] * state;
        }
    }
    return y;
}

inline void reference_block(const SpectralMambaShape& s, const SpectralMambaWeights::Block& b,
                            std::vector<Doubles>& tokens) {
    std::vector<Doubles> xz;
    for (const Doubles& token : tokens)
        xz.push_back(reference_linear(b.in_proj, 2 * s.inner(),
                                      reference_norm(token, b.norm_weight, b.norm_bias, s.ln_eps)));
    Doubles h(static_cast<std::size_t>(s.inner() * s.d_state), 0.0);
    for (int t = 0; t < s.tokens(); ++t) {
        Doubles u(static_cast<std::size_t>(s.inner()));
        for (int e = 0; e < s.inner(); ++e) {
            u[e] = b.conv_bias[e];
            for (int i = 0; i < s.d_conv; ++i) {
                const int from = t - (s.d_conv - 1) + i;
                if (from >= 0) u[e] += b.conv_weight[e * s.d_conv + i] * xz[from][e];
            }
            u[e] *= reference_sigmoid(u[e]);
        }
        Doubles y = reference_step(s, b, u, h);
        for (int e = 0; e < s.inner(); ++e) {
            const double z = xz[t][s.inner() + e];
            y[e] *= z * reference_sigmoid(z);
        }
        const Doubles out = reference_linear(b.out_proj, s.d_model, y);
        for (int i = 0; i < s.d_model; ++i) tokens[t][i] += out[i];
    }
}

inline Doubles reference_logits(const SpectralMambaShape& s, const SpectralMambaWeights& w,
                                const std::vector<float>& window) {
    Doubles merged = reference_gssm(s, w, window);
    merged.resize(static_cast<std::size_t>(s.tokens() * s.piece_len), 0.0);
    std::vector<Doubles> tokens;
    for (int t = 0; t < s.tokens(); ++t) {
        const auto first = merged.begin() + t * s.piece_len;
        tokens.push_back(reference_linear(w.embed_weight, s.d_model, Doubles(first, first + s.piece_len)));
        for (int i = 0; i < s.d_model; ++i) tokens.back()[i] += w.embed_bias[i];
    }
    for (const auto& block : w.blocks) reference_block(s, block, tokens);
    Doubles pooled(static_cast<std::size_t>(s.d_model), 0.0);
    for (const Doubles& token : tokens) {
        const Doubles normed = reference_norm(token, w.norm_weight, w.norm_bias, s.ln_eps);
        for (int i = 0; i < s.d_model; ++i) pooled[i] += normed[i] / s.tokens();
    }
    Doubles logits = reference_linear(w.head_weight, s.classes, pooled);
    for (int k = 0; k < s.classes; ++k) logits[k] += w.head_bias[k];
    return logits;
}

}  // namespace spectile::kernels::test
