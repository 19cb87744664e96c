#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace spectile::evaluate {

/// What the usual measures of small-target detection are made of, for one image or summed over a set.
///
/// Source   IoU, nIoU: Dai et al., "Asymmetric Contextual Modulation", WACV 2021. Pd, Fa: Li et al., "Dense
///          Nested Attention Network", IEEE TIP 2022; Fa counts the pixels of unmatched components, as
///          BasicIRSTD does.
struct Detection {
    std::int64_t images = 0, pixels = 0;
    std::int64_t intersection = 0, united = 0;  ///< Pixels.
    double iou_sum = 0;                         ///< Of the images' own IoU, 0 where nothing is marked.
    std::int64_t empty_images = 0;              ///< Nothing marked in truth or prediction.
    std::int64_t targets = 0, matched = 0;
    std::int64_t false_pixels = 0;  ///< In predicted components that no target matches.
    /// By DNANet's own rule, which goes by equal areas and undercounts.
    std::int64_t legacy_false_pixels = 0;

    double iou() const;
    double niou() const;
    double pd() const;  ///< NaN where there is no target.
    double fa() const;  ///< False pixels per million pixels.
    double legacy_fa() const;
    void add(const Detection& other);
};

/// Measures one image. Both masks are [rows, cols], anything but 0 is marked.
///
/// Targets are the 8-connected components of `truth`, in scan order; the first predicted component not yet
/// taken whose centroid is less than 3 pixels away matches.
Detection measure(std::span<const std::uint8_t> predicted, std::span<const std::uint8_t> truth,
                  std::int64_t cols);

/// As the contract of `evaluate --json` has it: iou, niou, pd (null without targets), fa, targets, images,
/// and beside them matched, legacy_fa, empty_images, pixels.
std::string to_json(const Detection& detection);

/// Pixel-wise rates over thresholds 0, 1/steps, ... 1 (strictly greater counts as marked).
class Roc {
public:
    explicit Roc(int steps = 100);
    void add(std::span<const float> scores, std::span<const std::uint8_t> truth);
    struct Point {
        double threshold, true_positive_rate, false_positive_rate;
    };
    std::vector<Point> points() const;
    /// Area under the curve by trapezoids; NaN where the truth has no target, or nothing but targets.
    double area() const;

private:
    std::vector<std::int64_t> positive_, negative_;  ///< Pixels that threshold k is the first not to mark.
};

}  // namespace spectile::evaluate
