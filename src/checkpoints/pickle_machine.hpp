#pragma once

#include <unordered_map>

#include "checkpoints/pickle.hpp"
#include "checkpoints/pickle_opcodes.hpp"

namespace spectile::checkpoints {

/// The stack machine that a pickle is written for, with every call left out.
class PickleMachine {
public:
    PickleMachine(std::vector<std::byte> bytes, std::string name);
    std::optional<Pickle> run();

private:
    /// The bytes ended in the middle of an opcode's argument.
    struct Cut {};

    [[noreturn]] void fail(const std::string& why) const;
    std::string_view take(std::uint64_t size);
    std::string_view take_line();
    template <typename T>
    T take_number() {
        T number;
        std::memcpy(&number, take(sizeof number).data(), sizeof number);
        return number;
    }

    ValueId push(Value value);
    ValueId pop();
    /// The value that an opcode acts on in place; it stays on the stack.
    Value& top();
    /// What was pushed since the last mark, which goes too.
    std::vector<ValueId> pop_to_mark();
    void push_tuple(std::size_t size);
    void push_bytes(Kind kind, std::uint64_t size);
    void push_long(std::uint64_t size);
    void push_call(ValueId callee, ValueId arguments);
    void push_stack_global();
    void remember(std::uint32_t slot);
    void recall(std::uint32_t slot);
    void append(const std::vector<ValueId>& items);
    void set_items(const std::vector<ValueId>& items);

    bool step();
    bool step_constant(Opcode opcode);
    bool step_container(Opcode opcode);
    bool step_object(Opcode opcode);
    bool step_stack(Opcode opcode);

    Pickle pickle_;
    std::string name_;
    std::size_t at_ = 0;
    std::vector<ValueId> stack_;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint32_t, ValueId> memo_;
};

}  // namespace spectile::checkpoints
