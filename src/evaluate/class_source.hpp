#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "evaluate/evaluate_map.hpp"
#include "spectile/scene.hpp"

namespace spectile {
class LabelReader;
}

namespace spectile::evaluate {

/// The class values that a product gives the pixels of a grid: its own, or of a vector that of the truth.
/// Belongs to one thread.
class ClassSource {
public:
    /// Throws as evaluate_map does.
    explicit ClassSource(const MapEvaluation& evaluation);
    ~ClassSource();

    const Grid& grid() const;
    /// The classes that the product itself names.
    const std::vector<ClassInfo>& classes() const { return classes_; }

    /// Class value of every pixel of a window, row by row; kNone where there is none or the mask leaves it
    /// out.
    const std::vector<int>& read(const Window& window);
    static constexpr int kNone = -2147483647 - 1;

private:
    std::unique_ptr<Scene> scene_;  ///< The raster product, or the truth whose grid is used.
    std::unique_ptr<SceneReader> reader_;
    std::unique_ptr<LabelReader> vector_;
    std::string product_;
    std::vector<ClassInfo> classes_;
    std::vector<int> values_;
    Cube cube_;
};

}  // namespace spectile::evaluate
