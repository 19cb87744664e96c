#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evaluate/accuracy.hpp"

namespace spectile::evaluate {

/// A figure with its standard error; no error where a class of the map has a single truth sample.
struct Estimate {
    double value = 0;
    std::optional<double> error;
};

/// What the truth says of one class of the map, weighted by area.
struct ClassEstimate {
    int value = 0;
    std::string name;
    double mapped = 0;              ///< Area that the map gives the class.
    std::optional<Estimate> users;  ///< Share of the mapped class that is right; none without samples in it.
    /// Share of the true class that is found; none where there is none of it.
    std::optional<Estimate> producers;
    Estimate area;  ///< Area of the true class.
};

/// Accuracy of a whole map from truth samples, which are worth the area that their class of the map covers.
struct AreaEstimate {
    std::string unit = "pixels";  ///< Of areas: "pixels" or "ha".
    Estimate overall;
    std::vector<ClassEstimate> per_class;
    double area = 0;       ///< Of the strata with samples.
    double unsampled = 0;  ///< Area of classes of the map without any truth sample; in no other figure.
};

/// The stratified estimator with the classes of the map as strata.
///
/// Source   Olofsson, Foody, Herold, Stehman, Woodcock and Wulder, "Good practices for estimating area and
///          assessing accuracy of land change", Remote Sensing of Environment 148, 2014: overall, user's and
///          producer's accuracy equations 1 to 3, their variances 5 to 7, areas 8 to 10.
/// It holds for truth samples drawn at random over the map or within its classes. Neighbouring pixels of one
/// polygon are no independent samples: then the errors come out too small.
///
/// `mapped`: area of each class of the map. Throws Error{Code::scene} as Confusion::accuracy does.
AreaEstimate estimate_areas(const Confusion& confusion, const std::map<int, double>& mapped,
                            const std::string& unit);

/// 1.96 standard errors: half the width of a 95 % confidence interval.
inline constexpr double kNinetyFive = 1.96;

/// One JSON object: `area_weighted` of `spectile evaluate --json`.
std::string to_json(const AreaEstimate& estimate, int indent = 2);
/// The same as a table for people.
std::string to_text(const AreaEstimate& estimate);

}  // namespace spectile::evaluate
