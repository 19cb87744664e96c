#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "prepare/chain.hpp"
#include "spectile/error.hpp"

namespace spectile::prepare {

/// What a sample of one band looks like before the card's standardise step (before fill where the card has
/// none).
struct AuditRow {
    std::string band;
    double median = 0;
    double minimum = 0, maximum = 0;
    std::optional<double> expected_mean, expected_deviation;  ///< The card's.
    double outside = 0;                                       ///< Share of values beyond mean +- 6 std.
    bool dead = false;                                        ///< One value everywhere.
};

struct AuditReport {
    std::vector<AuditRow> rows;  ///< Empty where no pixel of the sample is valid.
    double nodata = 0;           ///< Share of invalid pixels of the sample.
    std::vector<std::string> warnings;
};

/// A scene's values are in other units than the model's.
class WrongUnits : public Error {
public:
    WrongUnits(const std::string& message, double scale) : Error(Code::scene, message), scale_(scale) {}
    /// What `scene: {scale: ...}` would have to be; 0 where that alone would not do.
    double scale() const { return scale_; }

private:
    double scale_;
};

/// Looks at samples of a scene before a run: wrong units, dead bands, nodata, values far from what the model
/// saw.
///
/// `samples` hold the chain's `source_bands` as read (a few windows over the scene) and are changed.
/// Throws WrongUnits (Code::scene) where values are in other units than the card's mean: the median ratio of
/// the bands is above 8 and the values are beyond mean + 6 std, or below 1/8 and even the brightest pixels
/// are.
AuditReport audit(const std::string& scene, const Chain& chain, const ModelCard& card,
                  std::span<Cube> samples);

}  // namespace spectile::prepare
