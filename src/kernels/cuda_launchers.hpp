#pragma once

#include <cstdint>

#include "kernels/device/inner_ss2d.cuh"
#include "kernels/device/scan_source.cuh"

// The CUDA kernels as plain functions: device pointers, sizes and a stream (a cudaStream_t), no header of
// LibTorch or CUDA. Only in builds with SPECTILE_CUDA.
//
// Each puts its work on the stream and returns at once: null where CUDA accepted it, else one line of what is
// wrong. Nothing is allocated; arrays that a launch needs besides its operands are sized by the functions
// named with it. Determinism: the same bytes for the same input on one kind of device; no atomics, sums in a
// fixed order.

namespace spectile::kernels {

/// What a scan writes besides y. `checkpoints` may be null; else scan_checkpoint_floats() floats, for the
/// backward pass.
struct ScanExtras {
    float* last_state = nullptr;
    float* checkpoints = nullptr;
};

/// Gradients as SelectiveScanGradients has them, each with any layout. A null pointer is not written.
/// `parts`: scan_parts_floats() floats of scratch, or null where neither B nor C is wanted.
struct CudaScanGradients {
    device::Output u, delta, z, B, C;
    float* A = nullptr;
    float* D = nullptr;
    float* delta_bias = nullptr;
    float* parts = nullptr;
};

std::int64_t scan_checkpoint_floats(const device::ScanSizes& sizes);
std::int64_t scan_parts_floats(const device::ScanSizes& sizes);

/// kernels::selective_scan_forward; 16 states at most. Sequences of up to 64 tokens by one thread per
/// channel, longer ones in runs that are scanned at the same time.
const char* cuda_selective_scan_forward(const device::PlainScan& scan, const device::Output& y,
                                        const ScanExtras& extras, void* stream);
/// kernels::selective_scan_backward, with the checkpoints that the forward launch stored.
const char* cuda_selective_scan_backward(const device::PlainScan& scan, const device::Input& grad_y,
                                         const float* checkpoints, const CudaScanGradients& gradients,
                                         void* stream);

/// The four scans of SS2D by index; scans: [images, 4, length, channels] at row-major positions.
const char* cuda_ss2d_scans(const device::FourDirections& directions, float* scans, void* stream);

/// The same with what the backward pass starts from, and their sum y: [images, length, channels].
/// `checkpoints`: scan_checkpoint_floats() of the directions' sizes.
const char* cuda_ss2d_sum(const device::FourDirections& directions, float* scans, float* checkpoints,
                          float* y, void* stream);

/// Gradients of sum(y * grad_y). Rows are for the caller to add, each over one image and direction, those of
/// dt_weight over a piece of its tokens too: their number is ss2d_weight_pieces().
struct CudaSs2dGradients {
    float* x;          ///< [images, length, channels]
    float* projected;  ///< [images, length, 4, rank + 32]
    float* dt_weight;  ///< [images, 4, pieces, rank, channels]
    float* dt_bias;    ///< [images, 4, channels], as D
    float* D;
    float* A;        ///< [images, 4, channels, 16]
    float* scratch;  ///< ss2d_scratch_floats()
};
std::int64_t ss2d_weight_pieces(const device::ScanSizes& sizes);
std::int64_t ss2d_scratch_floats(const device::ScanSizes& sizes);
/// grad_y: [images, length, channels]. Each direction by index from the states that cuda_ss2d_sum stored.
const char* cuda_ss2d_backward(const device::FourDirections& directions, const float* grad_y,
                               const float* checkpoints, const CudaSs2dGradients& gradients, void* stream);

/// What follows the scans of SS2D: their sum, LayerNorm over the channels, times SiLU(z).
struct Ss2dMergeCall {
    const float* scans;  ///< [images, 4, length, channels]
    const float* z;      ///< [images*length] rows of z_pitch floats, `channels` of them read
    std::int64_t z_pitch;
    const float* weight;                    ///< [channels]
    const float* bias;                      ///< [channels]
    std::int64_t images, length, channels;  ///< 512 channels at most
    float* out;                             ///< [images, length, channels]
};
const char* cuda_ss2d_merge(const Ss2dMergeCall& call, void* stream);

/// MiM-ISTD's inner SS2D with its norm and its residual, w + SS2D(LayerNorm(w)), a sentence of 16 words at a
/// time; see device/inner_ss2d.cuh for the weights.
struct InnerSs2dCall {
    const float* words;  ///< [sentences, 16, width]
    std::int64_t sentences;
    int width;      ///< 4, 8, 16 or 32
    bool official;  ///< Positions as published weights want them; else words.
    device::InnerSs2dWeights weights;
    float* out;  ///< Like words; may be the same array.
};
const char* cuda_inner_ss2d(const InnerSs2dCall& call, void* stream);

enum class RawType { uint8, uint16, int16, float32 };
enum class ModelType { float32, half, bfloat16 };

/// Raw bands to the model's input in one pass: chooses, scales, standardises, transposes, casts.
///
/// Shapes   raw: [raw bands, pixels]; valid: uint8 [pixels] or null; out: [pixels, bands]; band: int32
///          [bands]; factor, offset, mean, deviation: float32 [bands]. Pixels that are not valid become 0.
struct PrepareCall {
    RawType raw_type;
    ModelType model_type;
    const void* raw;
    const std::uint8_t* valid;
    std::int64_t pixels, bands;
    const std::int32_t* band;
    const float *factor, *offset, *mean, *deviation;
    void* out;
};
const char* cuda_prepare_bands(const PrepareCall& call, void* stream);

/// device::ArgmaxChannels.
const char* cuda_argmax_channels(const float* values, std::int64_t channels, std::int64_t pixels,
                                 std::int32_t* index, void* stream);

/// Adds one tile to a mosaic as mosaic::Blender does; see device/blend.cuh for shapes.
struct BlendCall {
    const float* values;
    const std::uint8_t* valid;
    int channels, halo;
    std::int64_t keep[4];  ///< x, y, width, height in the mosaic's pixels
    std::int64_t padded[4];
    std::int64_t width, height;
    float* sums;
    float* weights;
};
const char* cuda_blend_tile(const BlendCall& call, void* stream);
/// Divides the sums by the weights; valid: uint8 [pixels], 0 where no tile spoke.
const char* cuda_blend_finish(float* sums, const float* weights, std::uint8_t* valid, int channels,
                              std::int64_t pixels, void* stream);

}  // namespace spectile::kernels
