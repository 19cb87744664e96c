#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spectile/model.hpp"

// Accuracy of labels that do not exclude each other: of each image every class has a score between 0 and 1.

namespace spectile::evaluate {

/// Measures of one label. A measure whose denominator is zero has no value.
struct LabelAccuracy {
    int value = 0;
    std::string name;
    std::uint64_t support = 0;    ///< Images that have it.
    std::uint64_t predicted = 0;  ///< Images whose score for it is above kLabelThreshold.
    std::optional<double> precision, recall, f1, average_precision;
};

inline constexpr float kLabelThreshold = 0.5F;

/// Agreement of scores with labels.
///
/// micro_* count every pair of image and label alike; macro_* are means over the labels that an image has.
/// `legacy_map` is the micro average precision of each batch by itself, averaged by size, as published for
/// SpectralGPT: it depends on the batches and is here for comparison alone.
struct MultiLabelAccuracy {
    std::uint64_t count = 0;  ///< Images.
    double micro_average_precision = 0, macro_average_precision = 0, legacy_map = 0;
    double micro_f1 = 0, macro_f1 = 0;
    std::vector<LabelAccuracy> per_class;  ///< In the order of the classes.
};

/// scores, truth (0 or 1): [images, classes]. Throws Error{Code::scene} where there is no image, or none with
/// a label.
MultiLabelAccuracy measure_labels(const std::vector<float>& scores, const std::vector<std::uint8_t>& truth,
                                  const std::vector<ClassInfo>& classes, int batch);

/// The area below the curve of precision over recall, as steps: the sum over the distinct scores, from the
/// highest, of what recall gains times the precision there. Nothing where no truth is 1.
///
/// Source   Manning, Raghavan and Schuetze, "Introduction to Information Retrieval", 2008, section 8.4,
///          without interpolation; equal scores are one step, as in scikit-learn's average_precision_score.
std::optional<double> average_precision(const std::vector<float>& scores,
                                        const std::vector<std::uint8_t>& truth);

/// One JSON object; measures without a value are null. `indent` < 0 gives one line.
std::string to_json(const MultiLabelAccuracy& accuracy, int indent = 2);

}  // namespace spectile::evaluate
