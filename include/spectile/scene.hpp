#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "spectile/cube.hpp"
#include "spectile/data_type.hpp"
#include "spectile/grid.hpp"

namespace spectile {

/// What is known of one band, from whichever source said it first (GDAL's IMAGERY domain, band items, ENVI
/// header, a file beside the scene).
struct BandInfo {
    std::string name;                     ///< Description; may be empty.
    std::optional<double> wavelength_nm;  ///< Centre wavelength in nanometres, whatever unit the file used.
    std::optional<double> fwhm_nm;        ///< Full width at half maximum in nanometres.
    bool bad = false;                     ///< Bad-band list (ENVI bbl 0) or refused by a metadata file.
    double scale = 1.0;                   ///< physical = scale * raw + offset
    double offset = 0.0;
    std::string unit;  ///< Of physical values; empty where unknown.
    DataType type = DataType::Float32;
    std::optional<double> nodata;  ///< Raw value.
    int raster = 0;                ///< Which raster of a stacked scene, from 0.
    int raster_band = 0;           ///< Band within that raster, from 0.
    int number = 0;  ///< Place in the scene, from 1; 0 where unknown or computed from several bands.
    bool operator==(const BandInfo&) const = default;
};

/// How the samples lie in the file.
enum class Interleave { band, line, pixel };

/// How a raster is stored; the read strategy and `tile: auto` follow it.
struct Storage {
    std::string name;    ///< What GDAL opens: the data file where the user named its header.
    std::string driver;  ///< GDAL's short name.
    Interleave interleave = Interleave::band;
    int block_width = 0;
    int block_height = 0;
    bool compressed = false;
    bool raw = false;  ///< Read by our own positional reads (uncompressed ENVI).
    bool operator==(const Storage&) const = default;
};

/// A scene as opened: one grid, one stack of bands.
struct SceneInfo {
    std::string name;  ///< As the user wrote it.
    std::string stem;  ///< File name without folder and extension, for {stem}.
    Grid grid;
    int dates = 1;  ///< 2 for a change pair: the second date's bands follow the first's, in the same order.
    std::vector<BandInfo> bands;
    std::vector<Storage> rasters;       ///< One per raster of the stack.
    std::vector<std::string> files;     ///< Every file whose bytes decide the pixels, for the fingerprint.
    std::vector<std::string> warnings;  ///< One line each: units guessed, keys unsupported, no georeference.
};

/// Reads windows of a scene. Belongs to one thread at a time.
class SceneReader {
public:
    virtual ~SceneReader() = default;

    /// Fills `out` (reset to `window`) with raw values, converted to float32, of `bands` (from 0, in this
    /// order).
    ///
    /// `valid` is 1 where every band read is measured: not its nodata value, not NaN, not masked (mask band,
    /// alpha, area of interest, mask file). Values of invalid pixels are unspecified but finite. Throws
    /// Error{Code::internal} if the window leaves the scene; Error{Code::read} naming file, band and window
    /// if GDAL reports a failure; nothing is silently zero.
    virtual void read(const Window& window, std::span<const int> bands, Cube& out) = 0;
};

/// A scene: shared and const; threads take a reader each.
class Scene {
public:
    virtual ~Scene() = default;
    virtual const SceneInfo& info() const = 0;
    virtual std::unique_ptr<SceneReader> reader() const = 0;
    /// A reader that gives samples as they are stored, nodata values and NaN included: only masks, alpha and
    /// areas decide `valid`. For models that hand bands through, where one empty band must not empty the
    /// others.
    virtual std::unique_ptr<SceneReader> raw_reader() const { return reader(); }
    /// False only if the window surely holds no valid pixel (sparse file, outside the area of interest).
    virtual bool may_be_valid(const Window&) const { return true; }
};

}  // namespace spectile
