#include "pipeline/tasks.hpp"

#include <algorithm>

namespace spectile::definition {

const std::vector<std::string>& task_names() {
    static const std::vector<std::string> names = {"bands",     "classification", "segmentation",
                                                   "detection", "change",         "labels"};
    return names;
}

std::string name_of(Task task) { return task_names().at(static_cast<std::size_t>(task)); }

Task task_of(const std::string& name) {
    const auto& names = task_names();
    return static_cast<Task>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace spectile::definition
