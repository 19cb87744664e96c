#include "cli/training_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace spectile::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<const char*, const char*> kFigures[] = {{"overall_accuracy", "overall accuracy"},
                                                            {"average_accuracy", "average accuracy"},
                                                            {"kappa", "kappa"},
                                                            {"mean_iou", "mean IoU"}};

/// Mean, scatter and every seed of each figure.
std::string spread_text(const Json& figures, const std::string& role) {
    std::string text = fmt::format("{:<18}  {:>7}  {:>7}  by seed\n", role, "mean", "scatter");
    for (const auto& [key, name] : kFigures) {
        const auto& figure = figures.at(key);
        text += fmt::format("{:<18}  {:>7.4f}  {:>7}  ", name, figure.at("mean").get<double>(),
                            figure.at("scatter").is_null()
                                ? std::string("-")
                                : fmt::format("{:.4f}", figure.at("scatter").get<double>()));
        for (const auto& value : figure.at("by_seed")) text += fmt::format(" {:.4f}", value.get<double>());
        text += '\n';
    }
    return text;
}

std::string folds_text(const Json& figures) {
    if (!figures.contains("folds")) return {};
    std::string text = "overall accuracy by fold:";
    for (const auto& fold : figures.at("folds")) {
        double sum = 0;
        for (const auto& value : fold.at("overall_accuracy")) sum += value.get<double>();
        text += fmt::format(" {:.4f}", sum / static_cast<double>(fold.at("overall_accuracy").size()));
    }
    return text + '\n';
}

/// What the figures count.
const char* noun_of(const Json& accuracy) { return accuracy.contains("patches") ? "patches" : "pixels"; }

std::string classes_text(const Json& accuracy) {
    std::string text;
    const auto cell = [](const Json& value) {
        return value.is_null() ? std::string("-") : fmt::format("{:.4f}", value.get<double>());
    };
    for (const auto& c : accuracy.at("per_class")) {
        text += fmt::format("  {:<24}  recall {:>6}  precision {:>6}  ", c.at("name").get<std::string>(),
                            cell(c.at("recall")), cell(c.at("precision")));
        if (c.contains("average_precision"))
            text += fmt::format("f1 {:>6}  average precision {:>6}  ", cell(c.at("f1")),
                                cell(c.at("average_precision")));
        text += fmt::format("{} {}\n", noun_of(accuracy), c.at("support").get<std::uint64_t>());
    }
    return text;
}

std::string role_text(const Json& accuracy, const std::string& role) {
    const auto number = [&](const char* key) { return accuracy.at(key).get<double>(); };
    const auto noun = noun_of(accuracy);
    const auto count = accuracy.at(noun).get<std::uint64_t>();
    if (accuracy.contains("micro_average_precision"))
        return fmt::format(
            "{}: average precision {:.4f} (micro), {:.4f} (macro), F1 {:.4f}, {:.4f}, {} {}\n{}", role,
            number("micro_average_precision"), number("macro_average_precision"), number("micro_f1"),
            number("macro_f1"), count, noun, classes_text(accuracy));
    return fmt::format("{}: overall accuracy {:.4f}, average accuracy {:.4f}, kappa {:.4f}, {} {}\n{}", role,
                       number("overall_accuracy"), number("average_accuracy"), number("kappa"), count, noun,
                       classes_text(accuracy));
}

}  // namespace

std::string training_text(const Json& accuracy) {
    std::string text;
    const bool folds = accuracy.contains("folds");
    for (const char* role : {"validation", "test"}) {
        if (!folds && accuracy.contains(role)) text += role_text(accuracy.at(role), role);
        const bool spread = accuracy.contains("spread") && accuracy.at("spread").contains(role);
        if (folds && !accuracy.at(role).is_null()) {
            const auto& figures = accuracy.at(role);
            text += spread_text(figures, role) + folds_text(figures);
            text += "all folds and seeds:\n" + classes_text(figures.at("pooled"));
        } else if (spread) {
            text += spread_text(accuracy.at("spread").at(role), role);
        }
    }
    return text;
}

}  // namespace spectile::cli
