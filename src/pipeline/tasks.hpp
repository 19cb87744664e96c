#pragma once

#include <string>
#include <vector>

#include "spectile/model.hpp"

namespace spectile::definition {

/// The words that model cards have for tasks, in the order of `Task`.
const std::vector<std::string>& task_names();

std::string name_of(Task task);

/// `name` is one of `task_names`.
Task task_of(const std::string& name);

}  // namespace spectile::definition
