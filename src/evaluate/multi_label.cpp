#include "evaluate/multi_label.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

using Json = nlohmann::ordered_json;

std::optional<double> ratio(std::uint64_t numerator, std::uint64_t denominator) {
    if (denominator == 0) return std::nullopt;
    return static_cast<double>(numerator) / static_cast<double>(denominator);
}

LabelAccuracy measure_label(const std::vector<float>& scores, const std::vector<std::uint8_t>& truth,
                            std::uint64_t& hits) {
    LabelAccuracy out;
    hits = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const bool said = scores[i] > kLabelThreshold;
        out.support += truth[i];
        out.predicted += said;
        hits += said && truth[i] != 0;
    }
    out.precision = ratio(hits, out.predicted);
    out.recall = ratio(hits, out.support);
    out.f1 = ratio(2 * hits, out.support + out.predicted);
    out.average_precision = average_precision(scores, truth);
    return out;
}

/// Micro average precision of each batch by itself, by size; batches without a label count 0 as published.
double batchwise(const std::vector<float>& scores, const std::vector<std::uint8_t>& truth, std::size_t step) {
    double sum = 0;
    for (std::size_t first = 0; first < scores.size(); first += step) {
        const auto from = static_cast<std::ptrdiff_t>(first),
                   to = static_cast<std::ptrdiff_t>(std::min(scores.size(), first + step));
        const auto found = average_precision({scores.begin() + from, scores.begin() + to},
                                             {truth.begin() + from, truth.begin() + to});
        sum += found.value_or(0) * static_cast<double>(to - from);
    }
    return sum / static_cast<double>(scores.size());
}

Json value_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

}  // namespace

std::optional<double> average_precision(const std::vector<float>& scores,
                                        const std::vector<std::uint8_t>& truth) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    const auto all = std::accumulate(truth.begin(), truth.end(), std::uint64_t{0});
    if (all == 0) return std::nullopt;
    double area = 0;
    std::uint64_t hits = 0, before = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        hits += truth[order[i]];
        if (i + 1 < order.size() && scores[order[i + 1]] == scores[order[i]]) continue;
        area += static_cast<double>(hits - before) / static_cast<double>(all) * static_cast<double>(hits) /
                static_cast<double>(i + 1);
        before = hits;
    }
    return area;
}

MultiLabelAccuracy measure_labels(const std::vector<float>& scores, const std::vector<std::uint8_t>& truth,
                                  const std::vector<ClassInfo>& classes, int batch) {
    const auto micro = average_precision(scores, truth);
    if (!micro)
        throw Error(Code::scene, "no image that is to be judged has a label; check the index of the images");
    MultiLabelAccuracy out;
    out.count = scores.size() / classes.size();
    out.micro_average_precision = *micro;
    out.legacy_map = batchwise(scores, truth, static_cast<std::size_t>(batch) * classes.size());
    std::uint64_t hits = 0, judged = 0, named = 0;
    for (std::size_t c = 0; c < classes.size(); ++c) {
        std::vector<float> column;
        std::vector<std::uint8_t> labels;
        for (std::size_t i = c; i < scores.size(); i += classes.size()) {
            column.push_back(scores[i]);
            labels.push_back(truth[i]);
        }
        std::uint64_t of_class = 0;
        auto label = measure_label(column, labels, of_class);
        label.value = classes[c].value;
        label.name = classes[c].name;
        hits += of_class;
        judged += label.support + label.predicted;
        if (label.support > 0) {
            ++named;
            out.macro_average_precision += *label.average_precision;
            out.macro_f1 += *label.f1;
        }
        out.per_class.push_back(std::move(label));
    }
    out.macro_average_precision /= static_cast<double>(named);
    out.macro_f1 /= static_cast<double>(named);
    out.micro_f1 = *ratio(2 * hits, judged);
    return out;
}

std::string to_json(const MultiLabelAccuracy& accuracy, int indent) {
    Json json = {{"micro_average_precision", accuracy.micro_average_precision},
                 {"macro_average_precision", accuracy.macro_average_precision},
                 {"legacy_map", accuracy.legacy_map},
                 {"micro_f1", accuracy.micro_f1},
                 {"macro_f1", accuracy.macro_f1},
                 {"per_class", Json::array()}};
    for (const auto& c : accuracy.per_class)
        json["per_class"].push_back({{"value", c.value},
                                     {"name", c.name},
                                     {"support", c.support},
                                     {"predicted", c.predicted},
                                     {"precision", value_or_null(c.precision)},
                                     {"recall", value_or_null(c.recall)},
                                     {"f1", value_or_null(c.f1)},
                                     {"average_precision", value_or_null(c.average_precision)}});
    json["patches"] = accuracy.count;
    return json.dump(indent);
}

}  // namespace spectile::evaluate
