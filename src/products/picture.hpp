#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "products/gdal_dataset.hpp"
#include "products/quicklook.hpp"
#include "spectile/window.hpp"

// What pictures of rasters are made of: a part of a raster read at the picture's size, painted, encoded.

namespace spectile::products {

/// One band at the picture's size, and which of its pixels are measured.
struct Plane {
    std::vector<float> values;
    std::vector<std::uint8_t> valid;
};

struct Picture {
    Window source;  ///< What of the raster it shows.
    int width = 0, height = 0;
    std::vector<std::uint8_t> rgba;  ///< [4][rows][cols]; clear until it is painted.

    /// All of `shown`, no side longer than `longest_side` and none larger than the raster.
    Picture(const Window& shown, int longest_side);
    Picture(const Window& shown, int wide, int high);
    std::size_t pixels() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
    /// Whether nothing is painted.
    bool clear() const;
    /// Whether every pixel is painted.
    bool full() const;
};

/// The values that become black and white.
struct Stretch {
    float low = 0, high = 1;
};

Window extent_of(GDALDataset& dataset);

/// Throws Error{Code::read} naming it.
DatasetHandle open_view(const SceneView& view);

/// Throws Error{Code::read} naming the band.
Plane read_plane(GDALDataset& dataset, const std::string& name, int band, const Picture& picture);

/// From the 2nd to the 98th percentile of what is measured.
Stretch stretch_of(const Plane& plane);

/// One colour of a scene, 0 to 2. Pixels that are not measured in some colour are clear.
void paint_color(const Plane& plane, const Stretch& stretch, std::size_t color, Picture& picture);
/// Values in the colours of `table`; grey where it is null.
void paint_classes(const Plane& plane, const GDALColorTable* table, Picture& picture);
/// Values from 0 to 1 on the colour ramp.
void paint_shares(const Plane& plane, Picture& picture);

enum class PictureFormat { png, jpeg };

/// The file's bytes. JPEG has no clear pixels: they are grey. Throws Error{Code::internal}.
std::string encode(const Picture& picture, PictureFormat format);

}  // namespace spectile::products
