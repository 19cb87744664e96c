#include "training/gpt_card.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::training {
namespace {

[[noreturn]] void refuse(const Training& training, const std::string& what) {
    throw Error(Code::definition, training.file + ": " + what);
}

void check_classes(const Training& training, const std::string& task) {
    const auto parameters = nlohmann::json::parse(training.parameters);
    const auto listed = training.classes.size();
    if (parameters.contains("classes") && parameters["classes"] != listed)
        refuse(training,
               fmt::format("parameters.classes: is {}, but {} classes are listed; leave the key out",
                           parameters["classes"].dump(), listed));
    if (task == "change" && listed != 2)
        refuse(training,
               fmt::format("classes: change has two, unchanged and changed in this order, not {}", listed));
}

std::string task_of_patches(const Training& training) {
    const auto task = nlohmann::json::parse(training.parameters).value("task", "classification");
    if (task != "classification")
        refuse(training, fmt::format("parameters.task: is {}, and patches are for classification", task));
    check_classes(training, task);
    return task;
}

}  // namespace

std::string gpt_task(const Training& training) {
    if (training.patches) return task_of_patches(training);
    const bool change = std::any_of(training.scenes.begin(), training.scenes.end(),
                                    [](const auto& scene) { return scene.change; });
    for (const auto& scene : training.scenes)
        if (scene.change != change)
            refuse(training, "scenes: some have before and after and some have not; give either to all");
    const std::string natural = change ? "change" : "segmentation";
    const auto parameters = nlohmann::json::parse(training.parameters);
    const auto task = parameters.value("task", natural);
    if (task == "classification")
        refuse(training,
               "parameters.task: classification learns from images with labels as a whole; give patches in "
               "place of scenes");
    if (task == "pretraining")
        refuse(training, "parameters.task: pretraining takes no labels; leave the key out");
    if (task != natural)
        refuse(training, fmt::format("parameters.task: is {}, but the scenes {} before and after", task,
                                     change ? "have" : "have no"));
    check_classes(training, task);
    return task;
}

bool is_of_other_task(const ModelCard& start, const std::string& task) {
    const auto parameters = nlohmann::json::parse(start.parameters);
    const std::string said = start.task == Task::change         ? "change"
                             : start.task == Task::segmentation ? "segmentation"
                                                                : "classification";
    return parameters.value("task", said) != task;
}

void set_gpt_task(ModelCard& card, const std::string& task) {
    auto parameters = nlohmann::json::parse(card.parameters);
    parameters["task"] = task;
    parameters["classes"] = card.classes.size();
    if (task != "classification") parameters.erase("multi_label");
    card.parameters = parameters.dump();
    card.task = task == "change"         ? Task::change
                : task == "segmentation" ? Task::segmentation
                                         : Task::classification;
    // Both dates have bands of the same names and wavelengths.
    if (task == "change") card.matching.by = "position";
}

std::size_t bands_of_date(const Training& training, const std::string& task, std::size_t entering) {
    const std::size_t bands = task == "change" ? entering / 2 : entering;
    const auto parameters = nlohmann::json::parse(training.parameters);
    if (parameters.contains("bands") && parameters["bands"] != bands)
        refuse(training,
               fmt::format("parameters.bands: is {}, but {} enter the network{}; leave the key out",
                           parameters["bands"].dump(), bands, task == "change" ? " from each date" : ""));
    return bands;
}

}  // namespace spectile::training
