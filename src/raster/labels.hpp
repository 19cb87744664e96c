#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "spectile/grid.hpp"
#include "spectile/model.hpp"
#include "spectile/training.hpp"

namespace spectile {

/// Class values of the pixels of a grid, from a raster or a vector. Belongs to one thread at a time.
///
/// Rasters   the first band; on the grid itself (or of its size and without georeference), or on any other
///           grid or CRS: the nearest pixel by an exact transformation, so that a pixel does not depend on
///           its window.
/// Vectors   polygons by pixel centres, points and lines by the pixels they meet; of several features the
///           last wins. The attribute holds the value, or a class name out of `classes`. Features without it
///           are skipped.
/// Pixels without a value (nodata, masked, nothing there) are `definition.ignore`.
class LabelReader {
public:
    /// Throws Error{Code::missing}, {scene} (not recognised, attribute absent, unknown class name; the
    /// message lists what there is), {definition} (vector without attribute).
    LabelReader(const Grid& grid, const LabelDefinition& definition, std::span<const ClassInfo> classes);
    ~LabelReader();
    LabelReader(LabelReader&&) noexcept;
    LabelReader& operator=(LabelReader&&) noexcept;

    /// Labels of a window within the grid, row by row. Throws Error{Code::read} naming file and window.
    std::vector<std::int32_t> read(const Window& window);

    struct Source;

private:
    Grid grid_;
    std::unique_ptr<Source> source_;
};

}  // namespace spectile
