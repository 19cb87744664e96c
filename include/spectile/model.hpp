#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "spectile/cube.hpp"
#include "spectile/step.hpp"

namespace spectile {

enum class Task { bands, classification, segmentation, detection, change, labels };
enum class Padding { nearest, reflect };
/// Of the large matrix products; sums are float32's in every case. float16: on devices only.
enum class Precision { float32, bfloat16, float16 };

/// One band that a model expects.
struct ModelBand {
    std::string name;
    std::optional<double> wavelength_nm;
    std::optional<double> fwhm_nm;
};

struct ClassInfo {
    int value = 0;  ///< Pixel value in class maps.
    std::string name;
    std::array<std::uint8_t, 3> color = {0, 0, 0};
};

/// How a model's expected bands are found in a scene.
struct BandMatching {
    std::string by = "wavelength";  ///< wavelength, name or position
    double tolerance_nm = 0;        ///< Largest residual accepted; 0 = half the local band spacing.
    std::string resample = "none";  ///< none (nearest band), linear, gaussian
};

/// Predictions behind one tile of a run with `flips`.
inline constexpr int kFlips = 4;

/// model.yaml as plain data. Paths are absolute.
struct ModelCard {
    std::string folder;
    std::string file;  ///< model.yaml itself, for messages.
    std::string name;
    std::string summary;
    Task task = Task::bands;
    std::string architecture;
    std::string parameters = "{}";  ///< JSON object; the architecture's entry checks it.
    std::string weights;            ///< Absolute path; empty where the architecture has none.
    std::string weights_sha256;     ///< Lower-case hex.
    std::vector<ModelBand> bands;   ///< Empty: any bands, in file order.
    std::string quantity;  ///< "reflectance", "radiance", ...; what the values are after scale and offset.
    BandMatching matching;
    std::vector<StepDefinition> prepare;
    int tile = 0;  ///< Core size in pixels; 0 = the architecture's default.
    std::optional<int> halo;
    Padding padding = Padding::nearest;
    std::vector<ClassInfo> classes;  ///< In the order of the network's outputs.
    int nodata = 0;                  ///< Of class maps; never a class value.
    std::string training = "{}";     ///< JSON: data, split, recipe.
    std::string accuracy = "{}";     ///< JSON: as evaluate prints it.
    std::string seams = "{}";        ///< JSON: as `spectile seams` prints it.
    std::string licence;
    std::string selftest;  ///< Absolute path of selftest.safetensors; empty where there is none.
    Precision precision = Precision::float32;  ///< As the run asks for it; no part of the file.
    bool flips = false;     ///< Means over flipped tiles; as the run asks for it; no part of the file.
    std::string canonical;  ///< The whole card as canonical JSON, for fingerprints and `info`.
};

/// How overlapping tiles become one map.
enum class Blend { none, feather };

/// What the plan needs to know of an architecture; worked out from the card alone.
struct ModelTraits {
    Task task = Task::bands;
    int bands = 0;            ///< That the network reads; 0: as many as there are.
    int channels = 0;         ///< Of a prediction; 0 = as many as bands enter (identity).
    int tile = 256;           ///< Preferred side of the core window.
    bool fixed_tile = false;  ///< The network reads exactly tile + 2*halo pixels, no other size,
    int tile_multiple = 0;  ///< but for multiples of this, where `tiling.tile` asks for one; 0: none at all.
    int halo = 0;           ///< Pixels of context on every side that the network needs.
    bool local = true;      ///< Receptive field within the halo: tiled equals untiled exactly.
    Blend blend = Blend::none;
    bool logits = false;       ///< Each channel is a logit of its own: blended first, then the sigmoid.
    bool multi_label = false;  ///< Classes do not exclude each other: probabilities need not sum to 1.
    bool whole_spectra =
        true;  ///< A pixel invalid in any band is invalid; false: bands are handed through as stored.
    double flops_per_pixel = 0;  ///< For the estimate before a bench is stored.
    double exps_per_pixel = 0;   ///< exp, sigmoid, SiLU and softplus, one each.
    std::size_t workspace_bytes_per_pixel =
        0;  ///< Scratch of one predict call per padded pixel, beyond cube and prediction.
    std::size_t fixed_bytes = 0;  ///< Weights and other memory that does not depend on the tile.
    bool has_weights = true;      ///< False: the card is all there is to it.
    bool batches = false;         ///< On a device it takes several tiles at once.
};

/// Runs `body(i)` for every i in [0, count), in any order, on as many cores as the caller has to give.
/// Results must not depend on the split. Never empty where a model is handed one.
using ParallelFor = std::function<void(std::int64_t count, const std::function<void(std::int64_t)>& body)>;

/// One worker's way into a model: scratch memory of its own, weights shared.
class Runner {
public:
    virtual ~Runner() = default;
    /// Predicts each cube. `in[i]` covers the tile's padded window, prepared and padded: pixels without
    /// measurement hold the fill value, pixels beyond the scene hold copies of the edge and count as context
    /// although their mask is 0, so a runner takes the values as they are; `out[i]` is reset to the padded
    /// window shrunk by the halo (local models) or to the padded window itself (others), with `valid` copied
    /// from the cube. A cube's result never depends on its neighbours in the batch, nor on its place among as
    /// many. Of a model with batches `in` may hold cubes without pixels: places that nobody took, whose
    /// predictions stay as they are.
    virtual void predict(std::span<const Cube> in, std::span<Prediction> out,
                         const ParallelFor& parallel) = 0;
};

/// A loaded model: shared and const; workers take a runner each.
class Model {
public:
    virtual ~Model() = default;
    virtual std::unique_ptr<Runner> start() const = 0;
    /// Cubes of `pixels` each that its runners want at once, `most` at most; a power of two.
    virtual int batch(std::int64_t /*pixels*/, int /*most*/) const { return 1; }
};

/// A registered architecture, as `plan` and `info` see it (no LibTorch).
struct ModelEntry {
    std::string name;
    std::string summary;
    /// Throws Error{Code::model} naming the card and the key.
    std::function<ModelTraits(const ModelCard&)> traits;
};

}  // namespace spectile
