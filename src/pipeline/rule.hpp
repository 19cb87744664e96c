#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

/// The declared form of definitions. A `Rule` says what a value may be; validation (`check`), JSON Schemas
/// (`schema_json`) and docs/PIPELINE_FORMAT.md (`format_markdown`) are all made from it, so they cannot
/// differ.
namespace spectile::definition {

enum class Form { text, whole, number, boolean, list, map, any, choice };

struct Rule;
using RulePtr = std::shared_ptr<const Rule>;

/// A key of a map.
struct Key {
    std::string name;
    RulePtr rule;
    std::string doc;               ///< One line, without a full stop where it is a phrase.
    nlohmann::json fallback = {};  ///< Default; null where there is none to state.
    std::string unit = {};         ///< "nm", "pixels"; empty where there is none.
    bool required = false;
};

struct Rule {
    Form form = Form::any;
    std::string name;  ///< Of maps with a section of their own in the documentation and the schema.
    std::string doc;   ///< Under the section's title.
    std::string what;  ///< Of text and any: "a file or GDAL name".
    std::vector<std::string> allowed;  ///< Of text; empty: anything.
    std::string pattern;               ///< Of text: ECMAScript regular expression of fixed length.
    std::optional<double> minimum, maximum;
    bool above_minimum = false;               ///< The minimum itself is refused.
    RulePtr items;                            ///< Of lists.
    std::size_t least = 0, most = 1'000'000;  ///< Items of lists, keys of maps.
    std::vector<Key> keys;                    ///< Of maps.
    std::vector<std::string> exactly_one;     ///< Of maps: one of these keys is there, and no other of them.
    RulePtr others;                           ///< Of maps: any further keys; none: unknown keys are refused.
    std::string others_doc;                   ///< What the further keys are.
    std::vector<RulePtr> choices;
};

RulePtr text(std::string what = "text");
RulePtr file_name();
/// Text of a fixed form; `what` says which ("a colour like '#1f77b4'").
RulePtr text_like(std::string what, std::string pattern);
RulePtr one_of(std::vector<std::string> allowed);
RulePtr whole(std::optional<double> minimum = {}, std::optional<double> maximum = {});
RulePtr number(std::optional<double> minimum = {}, std::optional<double> maximum = {});
RulePtr number_above(double minimum);
RulePtr boolean();
RulePtr list_of(RulePtr items, std::size_t least = 0, std::size_t most = 1'000'000);
RulePtr map_of(std::string name, std::string doc, std::vector<Key> keys);
/// A map whose further keys are kept, each by rule `others`.
RulePtr open_map(std::string name, std::string doc, std::vector<Key> keys, RulePtr others,
                 std::string others_doc);
/// The map with exactly one of `keys` in it.
RulePtr with_exactly_one(const RulePtr& map, std::vector<std::string> keys);
/// The map with a single key, whatever it is.
RulePtr single_key(const RulePtr& map);
RulePtr any(std::string what);
RulePtr either(std::vector<RulePtr> choices);

/// "a whole number", "one of auto, none, feather", "a number or a list".
std::string expected(const Rule& rule);
/// Names of a map's declared keys.
std::vector<std::string> key_names(const Rule& rule);
/// A map's defaults as a JSON object, nested maps filled in too. Keys without a default are left out.
nlohmann::json defaults_of(const Rule& rule);

}  // namespace spectile::definition
