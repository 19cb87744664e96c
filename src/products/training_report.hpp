#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "spectile/model.hpp"
#include "spectile/training.hpp"

namespace spectile::products {

/// A scene of a training and what was judged in it.
struct JudgedScene {
    std::string name;  ///< GDAL name for the picture.
    std::vector<std::string> open_options;
    std::array<int, 3> bands = {1, 1, 1};  ///< Red, green, blue, from 1.
    std::int64_t width = 0, height = 0;
    std::vector<JudgedPixel> pixels;  ///< Of this scene.
};

/// Everything that the report of a training shows. What is empty is left out.
struct TrainingReport {
    std::string title, summary;
    std::vector<std::string> warnings;
    std::vector<ClassInfo> classes;
    std::vector<JudgedScene> scenes;
    std::string accuracy = "{}";  ///< TrainingResult::accuracy
    std::string record = "{}";    ///< TrainingResult::record
};

/// One HTML page that holds everything itself: figures with mean and scatter, confusion matrix, the curves of
/// every network, and pictures of scene, truth, prediction and errors. Throws Error{Code::read} where a scene
/// cannot be drawn.
std::string training_html(const TrainingReport& report);

/// Curves of the trials in a TrainingResult's record, as SVG: loss, training and validation accuracy by
/// epoch, or what the record's `panels` name.
std::string curve_plots(const std::string& record);

}  // namespace spectile::products
