#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluate/accuracy.hpp"
#include "evaluate/evaluate_map.hpp"

namespace spectile::evaluate {
namespace {

using Json = nlohmann::ordered_json;

Json value_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

std::string cell(const std::optional<double>& value) { return value ? fmt::format("{:.4f}", *value) : "-"; }

}  // namespace

std::string to_json(const Accuracy& accuracy, int indent) {
    Json json;
    json["overall_accuracy"] = accuracy.overall;
    json["average_accuracy"] = accuracy.average;
    json["kappa"] = accuracy.kappa;
    json["mean_iou"] = accuracy.mean_iou;
    json["per_class"] = Json::array();
    for (const auto& c : accuracy.per_class)
        json["per_class"].push_back({{"value", c.value},
                                     {"name", c.name},
                                     {"support", c.support},
                                     {"precision", value_or_null(c.precision)},
                                     {"recall", value_or_null(c.recall)},
                                     {"f1", value_or_null(c.f1)},
                                     {"iou", value_or_null(c.iou)}});
    json["confusion"] = accuracy.confusion;
    json["pixels"] = accuracy.count;
    json["unpredicted"] = accuracy.unpredicted;
    return json.dump(indent);
}

std::string to_text(const Accuracy& accuracy) {
    std::string text = fmt::format(
        "overall accuracy {:.4f}   average accuracy {:.4f}   kappa {:.4f}   mean IoU {:.4f}   pixels {}\n",
        accuracy.overall, accuracy.average, accuracy.kappa, accuracy.mean_iou, accuracy.count);
    if (accuracy.unpredicted > 0)
        text +=
            fmt::format("{} labelled pixels have no prediction and are not counted\n", accuracy.unpredicted);
    std::size_t width = 5;
    for (const auto& c : accuracy.per_class) width = std::max(width, c.name.size());
    text += fmt::format("\n{:>5}  {:<{}}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}\n", "value", "class", width,
                        "support", "precision", "recall", "f1", "iou");
    for (const auto& c : accuracy.per_class)
        text += fmt::format("{:>5}  {:<{}}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}\n", c.value, c.name, width,
                            c.support, cell(c.precision), cell(c.recall), cell(c.f1), cell(c.iou));
    text += "\nconfusion (rows: truth, columns: map)\n     ";
    for (const auto& c : accuracy.per_class) text += fmt::format("  {:>8}", c.value);
    text += '\n';
    for (std::size_t row = 0; row < accuracy.confusion.size(); ++row) {
        text += fmt::format("{:>5}", accuracy.per_class[row].value);
        for (const auto count : accuracy.confusion[row]) text += fmt::format("  {:>8}", count);
        text += '\n';
    }
    return text;
}

std::string to_json(const Evaluation& evaluation, int indent) {
    Json json = Json::parse(to_json(evaluation.accuracy, -1));
    json["counted"] = evaluation.features ? "features" : "pixels";
    json["area_weighted"] = Json::parse(to_json(evaluation.weighted, -1));
    return json.dump(indent);
}

std::string to_text(const Evaluation& evaluation) {
    return to_text(evaluation.accuracy) + '\n' + to_text(evaluation.weighted);
}

}  // namespace spectile::evaluate
