#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoints/byte_source.hpp"

namespace spectile::checkpoints {

/// Index of a value in its pickle.
using ValueId = std::uint32_t;
inline constexpr ValueId kNoValue = 0xFFFFFFFF;

enum class Kind {
    none,
    boolean,
    integer,
    real,
    text,
    bytes,
    tuple,
    list,
    set,
    dict,
    global,
    call,
    persistent
};

/// One value of a pickle. What Python would import is a `global`, what it would call or make is a `call` that
/// remembers name, arguments and state: nothing is looked up and nothing is run.
struct Value {
    Kind kind = Kind::none;
    std::int64_t integer = 0;  ///< Of boolean and integer; an integer beyond 64 bits is `bytes`.
    double real = 0;
    std::string_view text = {};    ///< Of text and bytes; of a global its name in `module`.
    std::string_view module = {};  ///< Of a global.
    /// Elements; keys and values in turn of a dict, and of a call whose result was filled with entries; the
    /// one identifier of a persistent value.
    std::vector<ValueId> items = {};
    ValueId callee = kNoValue, arguments = kNoValue, state = kNoValue;  ///< Of a call.
};

/// Entries of a mapping in the order in which they were stored.
using Entries = std::vector<std::pair<ValueId, ValueId>>;

/// The values of one pickle (protocols 2 to 5), in one flat list: however deep or circular they refer to each
/// other, reading and dropping them takes no stack.
///
/// Source   the opcodes as Python's `pickletools` documents them.
class Pickle {
public:
    /// Longest pickle that is read, and most values in it: far above any checkpoint's.
    static constexpr std::uint64_t kMaxBytes = 64U << 20;
    static constexpr std::size_t kMaxValues = 3'000'000;

    /// Reads the pickle at the beginning of `bytes`; nothing where they end before it does. Throws
    /// Error{Code::model} naming `name` and the byte for an opcode that is unknown or finds nothing to act
    /// on.
    static std::optional<Pickle> parse(std::vector<std::byte> bytes, const std::string& name);

    const Value& at(ValueId id) const { return values_[id]; }
    const Value& root() const { return values_[root_]; }
    ValueId root_id() const { return root_; }
    std::size_t values() const { return values_.size(); }
    /// Bytes up to and including the final opcode.
    std::size_t size() const { return size_; }

    /// Entries of a dict or of `collections.OrderedDict`; nothing for any other value.
    std::optional<Entries> entries(ValueId id) const;
    /// Attributes of an object such as `argparse.Namespace`: the entries of its state; empty where it has
    /// none.
    Entries attributes(ValueId id) const;
    /// "module.name" of a global, or of what a call calls; empty for other values.
    std::string global_name(ValueId id) const;
    /// A value as a key: text as it is, a whole number in decimals; nothing for any other value.
    std::optional<std::string> key_text(ValueId id) const;
    /// What a value is, for messages: "a call of \"os.system\"", "a list".
    std::string describe(ValueId id) const;

private:
    friend class PickleMachine;
    std::vector<std::byte> bytes_;  ///< Texts point into it.
    std::vector<Value> values_;
    ValueId root_ = kNoValue;
    std::size_t size_ = 0;
};

/// The pickle that begins at `offset` of a file and ends before `end`. Throws Error{Code::model} where it
/// does not, or is longer than `Pickle::kMaxBytes`.
Pickle read_pickle(const ByteSource& source, std::uint64_t offset, std::uint64_t end);

}  // namespace spectile::checkpoints
