#pragma once

#include <string>
#include <vector>

#include "evaluate/detection.hpp"

namespace spectile::evaluate {

/// Maps of targets and the truth that they are judged by: two files, or two folders of them.
struct TargetEvaluation {
    std::string product;  ///< Mask or scores, first band; or a folder of such files.
    std::string truth;    ///< Mask of the same size, anything but 0 is a target; or a folder of such files.
    std::string truth_suffix = {};  ///< Of folders: what stands behind a product's stem in its truth's name.
    /// Side in pixels that both are brought to first, scores bilinearly and truth by its nearest pixel; 0:
    /// neither. Some authors report figures at 256.
    int size = 0;
    double threshold = 0.5;  ///< Scores above it are marked; of a mask any of 0 to below 1 will do.
};

struct TargetImageResult {
    std::string stem;
    Detection figures;
    double roc_area = 0;
    std::vector<Roc::Point> roc;
};

/// One image or a set: figures of all and of each, in the order of their names.
struct TargetResult {
    Detection all;
    std::vector<TargetImageResult> images;
    double roc_area = 0;          ///< Over the pixels of all images,
    std::vector<Roc::Point> roc;  ///< and the curve, a point a hundredth of a threshold.
};

/// Pixels without measurement count as not marked. Images are held whole, one at a time.
/// Throws Error{Code::missing} (no such file, a product without truth), Error{Code::scene} naming both where
/// the sizes differ, Error{Code::read}.
TargetResult evaluate_targets(const TargetEvaluation& evaluation);

/// The keys of `to_json(Detection)`, `roc_area` and `roc` (rows of threshold, true and false positive rate),
/// with `per_image` (the same keys of each, and
/// `image`) where there are several.
std::string to_json(const TargetResult& result);
/// The same as lines for people.
std::string to_text(const TargetResult& result);

}  // namespace spectile::evaluate
