// Planted fault for the include test: a third-party header in a public one; never compiled.
#include <nlohmann/json.hpp>
