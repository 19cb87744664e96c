#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spectile/error.hpp"
#include "spectile/step.hpp"

/// Definitions (pipelines, model cards, trainings): YAML text becomes a small tree of values that remember
/// their line (`yaml_text`), settings and variables change it (`settings`), a declared form checks it
/// (`schema`, `check`), and one reader per kind turns it into the plain structs of include/spectile.
/// Everything here is plain data and free functions without state: any thread may call them.
namespace spectile::definition {

struct Entry;

/// A node of a definition.
struct Value {
    enum class Kind { null, scalar, list, map };
    Kind kind = Kind::null;
    std::string text;     ///< Of a scalar.
    bool quoted = false;  ///< Written in quotes: text, whatever it looks like.
    std::vector<Value> items;
    std::vector<Entry> entries;  ///< In the order written.
    int line = 0;                ///< From 1; 0 where it does not come from a file.
    int source = 0;              ///< 0: the file; n: the n-th setting of the command line.

    bool is_null() const { return kind == Kind::null; }
    bool is_scalar() const { return kind == Kind::scalar; }
    bool is_list() const { return kind == Kind::list; }
    bool is_map() const { return kind == Kind::map; }
    /// The value of `key`, or nullptr where it is absent or empty.
    const Value* find(std::string_view key) const;
    /// The entry of `key`, made if missing. The value must be a map.
    Value& at_or_new(const std::string& key);
};

struct Entry {
    std::string key;
    int line = 0;
    Value value;
};

/// A definition as read, with what its messages need.
struct Document {
    std::string file;                   ///< As the user wrote it.
    Code code = Code::definition;       ///< Of its errors.
    std::vector<std::string> settings;  ///< The `--set` texts, for Value::source.
    Value root;

    Mark mark(const Value& value) const;
    /// "my.yaml:7" or "--set tiling.tile=abc".
    std::string where(const Value& value) const;
    /// Throws Error{code} with one line: where, then `message`.
    [[noreturn]] void fail(const Value& value, const std::string& message) const;
};

Value scalar(std::string text, const Value& like);
/// Whole numbers in decimal, or hexadecimal after 0x. Nothing where the value is none, is quoted or leaves 64
/// bits.
std::optional<std::int64_t> whole_of(const Value& value);
/// Numbers as JSON writes them, also ".5", "nan", ".nan", ".inf" and "-.inf". Nothing where the value is
/// none.
std::optional<double> number_of(const Value& value);
/// true, false (also True, TRUE ...). YAML 1.1's yes and on are text.
std::optional<bool> boolean_of(const Value& value);
/// The value as JSON: numbers stay numbers; what JSON cannot hold (NaN, infinity) becomes text.
nlohmann::json json_of(const Value& value);
/// For messages: "'abc'", "a list", "a map", "nothing".
std::string shown(const Value& value);

}  // namespace spectile::definition
