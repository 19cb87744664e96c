#include "evaluate/accuracy.hpp"

#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

std::optional<double> ratio(double numerator, double denominator) {
    if (denominator == 0) return std::nullopt;
    return numerator / denominator;
}

double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

ClassAccuracy accuracy_of_class(int value, std::string name, std::uint64_t hits, std::uint64_t support,
                                std::uint64_t predicted) {
    const auto h = static_cast<double>(hits);
    const auto s = static_cast<double>(support);
    const auto p = static_cast<double>(predicted);
    return {.value = value,
            .name = std::move(name),
            .support = support,
            .predicted = predicted,
            .precision = ratio(h, p),
            .recall = ratio(h, s),
            .f1 = ratio(2 * h, s + p),
            .iou = ratio(h, s + p - h)};
}

/// (po - pe) / (1 - pe); 1 where truth and map agree on a single class and chance alone explains all.
double kappa_of(const Accuracy& a) {
    const auto n = static_cast<double>(a.count);
    double chance = 0;
    for (const auto& c : a.per_class)
        chance += static_cast<double>(c.support) / n * (static_cast<double>(c.predicted) / n);
    return chance < 1 ? (a.overall - chance) / (1 - chance) : 1;
}

}  // namespace

Confusion::Confusion(const std::vector<ClassInfo>& classes) {
    for (const auto& c : classes) names_[c.value] = c.name;
}

void Confusion::add(const Confusion& other) {
    for (const auto& [pair, times] : other.counts_) counts_[pair] += times;
    names_.insert(other.names_.begin(), other.names_.end());
    unpredicted_ += other.unpredicted_;
}

Accuracy Confusion::accuracy() const {
    if (counts_.empty())
        throw Error(
            Code::scene,
            "no pixel has both a truth and a prediction; check that map and truth overlap and the value that "
            "means unlabelled");
    auto names = names_;
    for (const auto& [pair, times] : counts_)
        for (const int value : {pair.first, pair.second})
            names.try_emplace(value, "class " + std::to_string(value));
    std::map<int, std::size_t> place;
    for (const auto& [value, name] : names) place.emplace(value, place.size());

    Accuracy a;
    a.unpredicted = unpredicted_;
    a.confusion.assign(names.size(), std::vector<std::uint64_t>(names.size(), 0));
    std::vector<std::uint64_t> support(names.size(), 0), predicted(names.size(), 0);
    std::uint64_t hits = 0;
    for (const auto& [pair, times] : counts_) {
        const auto truth = place.at(pair.first), prediction = place.at(pair.second);
        a.confusion[truth][prediction] += times;
        support[truth] += times;
        predicted[prediction] += times;
        a.count += times;
        if (truth == prediction) hits += times;
    }
    std::vector<double> recalls, ious;
    for (const auto& [value, name] : names) {
        const auto i = place.at(value);
        a.per_class.push_back(accuracy_of_class(value, name, a.confusion[i][i], support[i], predicted[i]));
        if (const auto& recall = a.per_class.back().recall) recalls.push_back(*recall);
        if (const auto& iou = a.per_class.back().iou) ious.push_back(*iou);
    }
    a.overall = static_cast<double>(hits) / static_cast<double>(a.count);
    a.average = mean_of(recalls);
    a.mean_iou = mean_of(ious);
    a.kappa = kappa_of(a);
    return a;
}

}  // namespace spectile::evaluate
