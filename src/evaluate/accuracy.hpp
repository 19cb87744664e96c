#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spectile/model.hpp"

// Accuracy of maps: pairs of (truth, prediction) are counted into a confusion matrix, and every measure is
// worked out from that matrix alone. A matrix belongs to one thread at a time; matrices of several threads
// are added, and sums of counts do not depend on the order.

namespace spectile::evaluate {

/// Measures of one class. A measure whose denominator is zero has no value.
struct ClassAccuracy {
    int value = 0;
    std::string name;
    std::uint64_t support = 0;    ///< Pixels of this class in the truth.
    std::uint64_t predicted = 0;  ///< Pixels given this class by the map.
    std::optional<double> precision, recall, f1, iou;
};

/// Agreement of a map with its truth.
///
/// Source   Congalton and Green, "Assessing the Accuracy of Remotely Sensed Data": overall accuracy and
///          kappa; average accuracy is the mean recall over the classes with support, mean_iou the mean over
///          the classes that the truth or the map names.
struct Accuracy {
    std::uint64_t count = 0;        ///< Pixels with a truth and a prediction.
    std::uint64_t unpredicted = 0;  ///< Pixels with a truth where the map has no data; in no other figure.
    double overall = 0, average = 0, kappa = 0, mean_iou = 0;
    std::vector<ClassAccuracy> per_class;
    std::vector<std::vector<std::uint64_t>> confusion;  ///< [truth][prediction], in the order of per_class.
};

/// Counts pairs of class values. Values that are not in the list of classes become classes of their own.
class Confusion {
public:
    explicit Confusion(const std::vector<ClassInfo>& classes = {});

    void add(int truth, int prediction, std::uint64_t times = 1) { counts_[{truth, prediction}] += times; }
    /// A pixel with a truth that the map says nothing of.
    void add_unpredicted(std::uint64_t times = 1) { unpredicted_ += times; }
    void add(const Confusion& other);
    bool empty() const { return counts_.empty(); }

    /// Throws Error{Code::scene} if nothing was counted.
    Accuracy accuracy() const;

private:
    std::map<std::pair<int, int>, std::uint64_t> counts_;
    std::map<int, std::string> names_;
    std::uint64_t unpredicted_ = 0;
};

/// One JSON object with the keys of `spectile evaluate --json`; measures without a value are null.
/// `indent` < 0 gives one line.
std::string to_json(const Accuracy& accuracy, int indent = 2);
/// The same as a table for people.
std::string to_text(const Accuracy& accuracy);

}  // namespace spectile::evaluate
