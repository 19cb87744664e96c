#include "kernels/spectral_mamba.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/spectral_mamba.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/gssm-inl.h"
#include "kernels/mixer-inl.h"
#include "kernels/spectral_mamba_call.hpp"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// A strip of columns walked from top to bottom: input rows are transposed once, into a ring.
class Strip {
public:
    Strip(const SpectralMambaCall& call, std::int64_t first_col, std::size_t cols)
        : call_(call),
          network_(call.network),
          s_(call.scratch),
          first_col_(first_col),
          cols_(cols),
          window_(static_cast<std::size_t>(network_.shape.window())),
          side_(static_cast<std::size_t>(network_.shape.patch_size)),
          kernel_(static_cast<std::size_t>(network_.shape.gssm_kernel)),
          places_(std::max(network_.positions(), kernel_ * kernel_)) {
        next_input_ = next_gated_ = static_cast<std::size_t>(call.row_begin);
    }

    void Walk() {
        for (std::int64_t row = call_.row_begin; row < call_.row_end; ++row) {
            const auto top = static_cast<std::size_t>(row);
            if (!Wanted(top, 0, cols_)) continue;
            // Rows above this one's window were passed over, and nobody needs them any more.
            next_gated_ = std::max(next_gated_, top);
            next_input_ = std::max(next_input_, top);
            if (network_.shape.halo_padding && network_.has_gssm()) {
                for (; next_gated_ < top + side_; ++next_gated_) GateRow(next_gated_);
            } else {
                ReadRowsBefore(top + window_);
            }
            for (std::size_t col = 0; col < cols_; col += call_.cut.block)
                if (const std::size_t pixels = std::min(call_.cut.block, cols_ - col);
                    Wanted(top, col, pixels))
                    PredictBlock(top, col, pixels);
        }
    }

private:
    /// Where a pixel of the output lies in its plane.
    std::int64_t Place(std::size_t row, std::size_t col) const {
        return static_cast<std::int64_t>(row) * call_.tile.cols + first_col_ + static_cast<std::int64_t>(col);
    }
    bool Wanted(std::size_t row, std::size_t col, std::size_t pixels) const {
        if (call_.tile.wanted == nullptr) return true;
        const auto* first = call_.tile.wanted + Place(row, col);
        return std::any_of(first, first + pixels, [](std::uint8_t wanted) { return wanted != 0; });
    }
    float* Pixel(std::size_t row, std::size_t col) const {
        return s_.pixels + ((row % window_) * (call_.cut.strip + window_ - 1) + col) * network_.band_width;
    }
    float* Gated(std::size_t row, std::size_t col) const {
        return s_.gated + ((row % side_) * (call_.cut.strip + side_ - 1) + col) * network_.band_width;
    }

    /// Band-major to pixel-major, 16 bands at a time so that writes are whole lines.
    void ReadRowsBefore(std::size_t end) {
        const auto bands = static_cast<std::size_t>(network_.shape.bands);
        const auto plane = static_cast<std::size_t>(call_.cube_rows * call_.cube_cols);
        for (; next_input_ < end; ++next_input_) {
            const float* source =
                call_.tile.cube + next_input_ * static_cast<std::size_t>(call_.cube_cols) + first_col_;
            for (std::size_t band = 0; band < bands; band += 16) {
                const std::size_t count = std::min<std::size_t>(16, bands - band);
                for (std::size_t col = 0; col < cols_ + window_ - 1; ++col) {
                    float* out = Pixel(next_input_, col) + band;
                    for (std::size_t b = 0; b < count; ++b) out[b] = source[(band + b) * plane + col];
                    for (std::size_t b = count; b < 16; ++b) out[b] = 0.0F;
                }
            }
        }
    }

    /// Halo: mask times core of one row of scene pixels; row `row` has its kernel's top edge at input row
    /// `row`.
    void GateRow(std::size_t row) {
        next_input_ = std::max(next_input_, row);
        ReadRowsBefore(row + kernel_);
        const std::size_t count = cols_ + side_ - 1;
        const float** taps = places_.data();
        for (std::size_t col = 0; col < count; ++col) {
            for (std::size_t i = 0; i < kernel_ * kernel_; ++i)
                taps[i] = Pixel(row + i / kernel_, col + i % kernel_);
            Depthwise(network_, network_.patch_taps.front(), taps, s_.taps + col * network_.band_width);
        }
        Pointwise(network_, count, s_.taps, s_);
        for (std::size_t col = 0; col < count; ++col)
            Gate(network_, s_.mask + col * network_.band_width, Pixel(row + kernel_ / 2, col + kernel_ / 2),
                 Gated(row, col));
    }

    void MergeBlock(std::size_t top, std::size_t col, std::size_t pixels) {
        const float** patch = places_.data();
        const std::size_t positions = network_.positions();
        const std::size_t width = network_.band_width;
        const bool zero_padded = network_.has_gssm() && !network_.shape.halo_padding;
        const auto patch_of = [&](std::size_t p) {
            for (std::size_t i = 0; i < positions; ++i)
                patch[i] = zero_padded ? Pixel(top + i / side_, col + p + i % side_)
                                       : Gated(top + i / side_, col + p + i % side_);
        };
        if (zero_padded) {
            for (std::size_t p = 0; p < pixels; ++p) {
                patch_of(p);
                for (std::size_t o = 0; o < positions; ++o)
                    Depthwise(network_, network_.patch_taps[o], patch, s_.taps + (p * positions + o) * width);
            }
            Pointwise(network_, pixels * positions, s_.taps, s_);
        }
        for (std::size_t p = 0; p < pixels; ++p) {
            float* merged = s_.merged + p * s_.piece_width;
            if (!network_.has_gssm()) {
                std::copy_n(Pixel(top, col + p), width, merged);
            } else {
                patch_of(p);
                if (zero_padded)
                    GateAndSum(network_, s_.mask + p * positions * width, patch, merged);
                else
                    BoxSum(network_, patch, merged);
            }
            std::fill(merged + network_.shape.bands, merged + s_.piece_width, 0.0F);
        }
    }

    void PredictBlock(std::size_t top, std::size_t col, std::size_t pixels) {
        MergeBlock(top, col, pixels);
        for (std::size_t p = 0; p < pixels; p += call_.cut.group) {
            const std::size_t count = std::min(call_.cut.group, pixels - p);
            if (!Wanted(top, col + p, count)) continue;
            LogitsOfPixels(network_, count, s_.merged + p * s_.piece_width, s_);
            float* out = call_.tile.logits + Place(top, col + p);
            for (std::int64_t k = 0; k < network_.shape.classes; ++k)
                for (std::size_t i = 0; i < count; ++i)
                    out[k * call_.tile.rows * call_.tile.cols + static_cast<std::int64_t>(i)] =
                        s_.logits[i * network_.class_width + static_cast<std::size_t>(k)];
        }
    }

    const SpectralMambaCall& call_;
    const PackedSpectralMamba& network_;
    const SpectralMambaScratch& s_;
    std::int64_t first_col_;
    std::size_t cols_, window_, side_, kernel_;
    std::size_t next_input_, next_gated_;
    std::vector<const float*> places_;  ///< Spectra of a patch or of a kernel's taps.
};

void PredictRows(const SpectralMambaCall& call) {
    const auto strip = static_cast<std::int64_t>(call.cut.strip);
    for (std::int64_t col = 0; col < call.tile.cols; col += strip)
        Strip(call, col, static_cast<std::size_t>(std::min(strip, call.tile.cols - col))).Walk();
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(PredictRows);

struct SpectralMambaDense::Impl {
    Impl(const SpectralMambaShape& shape, const SpectralMambaWeights& weights, bool bfloat16)
        : network(shape, weights, bfloat16), cut(network) {}
    PackedSpectralMamba network;
    SpectralMambaCut cut;
};

SpectralMambaDense::SpectralMambaDense(const SpectralMambaShape& shape, const SpectralMambaWeights& weights,
                                       bool bfloat16)
    : impl_(std::make_unique<Impl>(shape, weights, bfloat16)) {}
SpectralMambaDense::~SpectralMambaDense() = default;

std::size_t SpectralMambaDense::scratch_bytes() const {
    SpectralMambaScratch scratch{};
    return (scratch.lay_out(impl_->network, impl_->cut, nullptr) + kScratchAlignment) * sizeof(float);
}

void SpectralMambaDense::predict(const SpectralMambaTile& tile, std::int64_t row_begin, std::int64_t row_end,
                                 std::vector<float>& scratch) const {
    const std::size_t floats = scratch_bytes() / sizeof(float);
    if (scratch.size() < floats) scratch.resize(floats);
    SpectralMambaScratch buffers{};
    buffers.lay_out(impl_->network, impl_->cut, aligned(scratch.data()));
    const std::int64_t margin = std::int64_t{2} * impl_->network.shape.halo();
    HWY_DYNAMIC_DISPATCH(PredictRows)
    ({impl_->network, impl_->cut, buffers, tile, tile.rows + margin, tile.cols + margin, row_begin, row_end});
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
