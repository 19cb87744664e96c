#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "spectile/step.hpp"

/// Preparation: small pure functions on a cube, one file each, registered in steps.cpp and joined by a
/// `Chain`. Steps are const once bound and shared by all workers; a cube belongs to one worker at a time.
namespace spectile::prepare {

/// "pipeline.yaml:12: standardise", for messages.
std::string place_of(const StepDefinition& definition);

/// The parameters of one step, checked against its declared keys.
///
/// All readers throw Error{Code::definition} naming file, line, step and key.
class Parameters {
public:
    /// Throws for keys that are not declared, naming the nearest declared one.
    Parameters(const StepDefinition& definition, const std::vector<StepKey>& keys);

    const std::string& place() const { return place_; }
    const std::string& base() const { return base_; }
    bool has(std::string_view key) const;
    /// The value given or the key's default; null where there is neither.
    const nlohmann::json& value(std::string_view key) const;
    double number(std::string_view key) const;
    std::int64_t whole(std::string_view key, std::int64_t minimum, std::int64_t maximum) const;
    bool boolean(std::string_view key) const;
    std::string one_of(std::string_view key, const std::vector<std::string>& allowed) const;
    /// A list of numbers; one number counts as a list of one; empty where the key is absent without a
    /// default.
    std::vector<double> numbers(std::string_view key) const;
    /// A list of lists of numbers of one length.
    std::vector<std::vector<double>> rows(std::string_view key) const;
    /// Replaces values by those of a JSON file whose keys are declared too.
    void merge(const nlohmann::json& more);
    [[noreturn]] void refuse(std::string_view key, const std::string& what) const;

private:
    void check_names(const nlohmann::json& given) const;

    std::string place_;
    std::string base_;
    std::vector<std::string> names_;
    struct Values;
    std::shared_ptr<Values> values_;
};

/// One value per band from a list of one or of `bands` values.
/// Throws Error{Code::definition} naming both counts otherwise.
std::vector<double> per_band(const std::vector<double>& values, std::size_t bands, const std::string& place,
                             std::string_view key);

/// "0.5", "0.1, 0.2" or "0.01 to 0.4 (200 values)", for the plan.
std::string figures(const std::vector<double>& values);

}  // namespace spectile::prepare
