#include <algorithm>

#include "checkpoints/pickle_machine.hpp"

// What the opcodes do to bytes, stack, marks and memo; which opcode does what is in pickle_machine.cpp.

namespace spectile::checkpoints {

void PickleMachine::fail(const std::string& why) const {
    refuse(name_, "its pickle " + why + " at byte " + std::to_string(at_));
}

std::string_view PickleMachine::take(std::uint64_t size) {
    if (size > pickle_.bytes_.size() - at_) throw Cut{};
    const std::string_view taken(reinterpret_cast<const char*>(pickle_.bytes_.data()) + at_, size);
    at_ += size;
    return taken;
}

std::string_view PickleMachine::take_line() {
    const std::string_view rest(reinterpret_cast<const char*>(pickle_.bytes_.data()) + at_,
                                pickle_.bytes_.size() - at_);
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) throw Cut{};
    at_ += end + 1;
    return rest.substr(0, end);
}

ValueId PickleMachine::push(Value value) {
    if (pickle_.values_.size() >= Pickle::kMaxValues) fail("holds more values than any checkpoint");
    pickle_.values_.push_back(std::move(value));
    stack_.push_back(static_cast<ValueId>(pickle_.values_.size() - 1));
    return stack_.back();
}

ValueId PickleMachine::pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("takes from an empty stack");
    const auto id = stack_.back();
    stack_.pop_back();
    return id;
}

Value& PickleMachine::top() {
    const auto id = pop();
    stack_.push_back(id);
    return pickle_.values_[id];
}

std::vector<ValueId> PickleMachine::pop_to_mark() {
    if (marks_.empty()) fail("looks for a mark that was never set");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<ValueId> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
}

void PickleMachine::push_tuple(std::size_t size) {
    Value tuple{.kind = Kind::tuple};
    for (std::size_t i = 0; i < size; ++i) tuple.items.push_back(pop());
    std::reverse(tuple.items.begin(), tuple.items.end());
    push(std::move(tuple));
}

void PickleMachine::push_bytes(Kind kind, std::uint64_t size) {
    const auto text = take(size);
    push({.kind = kind, .text = text});
}

/// A whole number of `size` bytes in two's complement.
void PickleMachine::push_long(std::uint64_t size) {
    const auto digits = take(size);
    if (size > sizeof(std::int64_t)) {
        push({.kind = Kind::bytes, .text = digits});
        return;
    }
    std::uint64_t number = size > 0 && (digits.back() & 0x80) ? ~std::uint64_t{0} : 0;
    for (std::size_t i = digits.size(); i-- > 0;) number = number << 8 | static_cast<std::uint8_t>(digits[i]);
    push({.kind = Kind::integer, .integer = static_cast<std::int64_t>(number)});
}

void PickleMachine::push_call(ValueId callee, ValueId arguments) {
    push({.kind = Kind::call, .callee = callee, .arguments = arguments});
}

void PickleMachine::push_stack_global() {
    const auto& name = pickle_.values_[pop()];
    const auto& module = pickle_.values_[pop()];
    if (name.kind != Kind::text || module.kind != Kind::text)
        fail("names a global by something else than text");
    push({.kind = Kind::global, .text = name.text, .module = module.text});
}

void PickleMachine::remember(std::uint32_t slot) {
    const auto id = pop();
    stack_.push_back(id);
    if (memo_.size() >= Pickle::kMaxValues) fail("remembers more values than any checkpoint");
    memo_[slot] = id;
}

void PickleMachine::recall(std::uint32_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) fail("recalls a value that it never stored");
    stack_.push_back(found->second);
}

/// What is appended to anything but a list or a set is content of an unknown object, which nobody needs.
void PickleMachine::append(const std::vector<ValueId>& items) {
    Value& list = top();
    if (list.kind == Kind::list || list.kind == Kind::set)
        list.items.insert(list.items.end(), items.begin(), items.end());
    else if (list.kind != Kind::call)
        fail("appends to something else than a list");
}

void PickleMachine::set_items(const std::vector<ValueId>& items) {
    Value& dict = top();
    if (items.size() % 2 != 0) fail("sets a key without a value");
    if (dict.kind != Kind::dict && dict.kind != Kind::call)
        fail("sets entries of something else than a dictionary");
    dict.items.insert(dict.items.end(), items.begin(), items.end());
}

}  // namespace spectile::checkpoints
