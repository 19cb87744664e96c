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

/// A trial's figures of one role; null where it has none.
Json figures_of(const Trained& trained, Role role) {
    const auto& labels = role == Role::test ? trained.test_labels : trained.validation_labels;
    if (labels) return Json::parse(evaluate::to_json(*labels, -1));
    const auto& confusion = confusion_of(trained, role);
    if (!confusion) return nullptr;
    auto json = accuracy_json(*confusion);
    if (!trained.patches) return json;
    json["patches"] = json["pixels"];
    for (const char* key : {"pixels", "unpredicted"}) json.erase(key);
    return json;
}

constexpr std::pair<Role, const char*> kJudged[] = {{Role::validation, "validation"}, {Role::test, "test"}};

/// One line per seed for the card: the chief figures of every role.
Json summary_of(const Trained& trained) {
    Json line = {{"seed", trained.trial.seed}, {"epoch", trained.state.best_epoch}};
    for (const auto& [role, name] : kJudged) {
        const auto figures = figures_of(trained, role);
        for (const char* key :
             {"overall_accuracy", "average_accuracy", "micro_average_precision", "macro_average_precision"})
            if (figures.contains(key)) line[name][key] = figures.at(key);
    }
    return line;
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

Json accuracy_of(const std::vector<Trained>& trials, const Trained& best) {
    Json accuracy = Json::object();
    for (const auto& [role, name] : kJudged)
        if (auto figures = figures_of(best, role); !figures.is_null()) accuracy[name] = std::move(figures);
    accuracy["seeds"] = Json::array();
    for (const auto& trial : trials) accuracy["seeds"].push_back(summary_of(trial));
    if (trials.size() < 2) return accuracy;
    for (const auto& [role, name] : kJudged)
        if (auto figures = pooled(trials, role); !figures.is_null()) {
            figures.erase("pooled");
            accuracy["spread"][name] = std::move(figures);
        }
    return accuracy;
}

Json record_of(const Trained& trained) {
    Json curve = Json::array();
    for (const auto& e : trained.state.history)
        curve.push_back({e.epoch, e.loss, e.training_accuracy, e.validation_overall, e.validation_average});
    Json record = {{"fold", trained.trial.fold},
                   {"seed", trained.trial.seed},
                   {"epoch", trained.state.best_epoch},
                   {"curve", std::move(curve)}};
    for (const auto& [role, name] : kJudged)
        if (auto figures = figures_of(trained, role); !figures.is_null()) record[name] = std::move(figures);
    return record;
}

}  // namespace spectile::training
