#include "training/pooling.hpp"

#include <cmath>
#include <map>

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;
using evaluate::Accuracy;
using evaluate::Confusion;

const std::optional<Confusion>& confusion_of(const Trained& trained, Role role) {
    return role == Role::test ? trained.test : trained.validation;
}

Json accuracy_json(const Confusion& confusion) {
    return Json::parse(evaluate::to_json(confusion.accuracy(), -1));
}

Json spread(const std::vector<double>& values) {
    double mean = 0, squares = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    for (const double value : values) squares += (value - mean) * (value - mean);
    Json json = {{"mean", mean}, {"scatter", nullptr}, {"by_seed", values}};
    if (values.size() > 1) json["scatter"] = std::sqrt(squares / static_cast<double>(values.size() - 1));
    return json;
}

/// Overall accuracy of every fold, seed by seed.
Json folds_json(const std::vector<Trained>& trials, Role role) {
    std::map<int, std::vector<double>> by_fold;
    for (const auto& t : trials)
        if (const auto& confusion = confusion_of(t, role); confusion && t.trial.fold >= 0)
            by_fold[t.trial.fold].push_back(confusion->accuracy().overall);
    Json json = Json::array();
    for (const auto& [fold, values] : by_fold) json.push_back({{"fold", fold}, {"overall_accuracy", values}});
    return json;
}

}  // namespace

Json pooled(const std::vector<Trained>& trials, Role role) {
    std::vector<std::uint64_t> seeds;  // In the order of the definition.
    std::map<std::uint64_t, Confusion> by_seed;
    Confusion all;
    for (const auto& t : trials) {
        const auto& confusion = confusion_of(t, role);
        if (!confusion) continue;
        if (by_seed.count(t.trial.seed) == 0) seeds.push_back(t.trial.seed);
        by_seed[t.trial.seed].add(*confusion);
        all.add(*confusion);
    }
    if (seeds.empty()) return nullptr;
    std::vector<double> overall, average, kappa, iou;
    for (const auto seed : seeds) {
        const Accuracy a = by_seed.at(seed).accuracy();
        overall.push_back(a.overall);
        average.push_back(a.average);
        kappa.push_back(a.kappa);
        iou.push_back(a.mean_iou);
    }
    Json json = {{"overall_accuracy", spread(overall)},
                 {"average_accuracy", spread(average)},
                 {"kappa", spread(kappa)},
                 {"mean_iou", spread(iou)},
                 {"pooled", accuracy_json(all)}};
    if (auto folds = folds_json(trials, role); !folds.empty()) json["folds"] = std::move(folds);
    return json;
}

Json record_of(const Trained& trained) {
    Json curve = Json::array();
    for (const auto& e : trained.state.history)
        curve.push_back({e.epoch, e.loss, e.training_accuracy, e.validation_overall, e.validation_average});
    Json record = {{"fold", trained.trial.fold},
                   {"seed", trained.trial.seed},
                   {"epoch", trained.state.best_epoch},
                   {"curve", std::move(curve)}};
    if (trained.validation) record["validation"] = accuracy_json(*trained.validation);
    if (trained.test) record["test"] = accuracy_json(*trained.test);
    return record;
}

}  // namespace spectile::training
