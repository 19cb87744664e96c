#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "spectile/grid.hpp"
#include "spectile/model.hpp"
#include "spectile/training.hpp"

namespace spectile {

/// Whether labels (or a class map) come from a vector rather than from a raster. Throws Error{Code::missing}
/// as opening the file would.
bool are_vector_labels(const std::string& path);

/// The features of a vector of labels one by one, where LabelReader gives their class values only. Polygons
/// by pixel centres, points by the pixel that holds them; of several features over a pixel the last wins.
/// Belongs to one thread at a time.
class LabelFeatures {
public:
    /// Throws as LabelReader's constructor does.
    LabelFeatures(const Grid& grid, const LabelDefinition& definition, std::span<const ClassInfo> classes);
    ~LabelFeatures();

    /// Class value of each feature, in the file's order.
    const std::vector<int>& classes() const { return classes_; }
    /// The feature over each pixel of a window within the grid, row by row; -1 where there is none.
    std::vector<std::int32_t> read(const Window& window);

private:
    struct Burnt;
    std::vector<int> classes_;
    std::unique_ptr<Burnt> burnt_;
};

}  // namespace spectile
