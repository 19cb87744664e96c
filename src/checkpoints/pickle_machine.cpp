#include "checkpoints/pickle_machine.hpp"

#include <bit>

namespace spectile::checkpoints {
namespace {

/// Marks that stand open at once. Python itself gives up at about a thousand nested values.
constexpr std::size_t kMaxNesting = 1000;
constexpr int kNewestProtocol = 5;

}  // namespace

PickleMachine::PickleMachine(std::vector<std::byte> bytes, std::string name) : name_(std::move(name)) {
    pickle_.bytes_ = std::move(bytes);
}

std::optional<Pickle> Pickle::parse(std::vector<std::byte> bytes, const std::string& name) {
    return PickleMachine(std::move(bytes), name).run();
}

std::optional<Pickle> PickleMachine::run() {
    try {
        while (step()) {
        }
    } catch (const Cut&) {
        return std::nullopt;
    }
    pickle_.root_ = pop();
    pickle_.size_ = at_;
    return std::move(pickle_);
}

bool PickleMachine::step() {
    const auto opcode = static_cast<Opcode>(take(1).front());
    if (opcode == Opcode::STOP) return false;
    if (step_constant(opcode) || step_container(opcode) || step_object(opcode) || step_stack(opcode))
        return true;
    --at_;
    fail("has an opcode that no checkpoint uses, " + std::to_string(static_cast<int>(opcode)) + ",");
}

bool PickleMachine::step_constant(Opcode opcode) {
    switch (opcode) {
        case Opcode::NONE:
            return push({}), true;
        case Opcode::NEWTRUE:
        case Opcode::NEWFALSE:
            return push({.kind = Kind::boolean, .integer = opcode == Opcode::NEWTRUE}), true;
        case Opcode::BININT:
            return push({.kind = Kind::integer, .integer = take_number<std::int32_t>()}), true;
        case Opcode::BININT1:
            return push({.kind = Kind::integer, .integer = take_number<std::uint8_t>()}), true;
        case Opcode::BININT2:
            return push({.kind = Kind::integer, .integer = take_number<std::uint16_t>()}), true;
        case Opcode::LONG1:
            return push_long(take_number<std::uint8_t>()), true;
        case Opcode::LONG4:
            return push_long(take_number<std::uint32_t>()), true;
        case Opcode::BINFLOAT:  // The one big-endian number of the format.
            return push({.kind = Kind::real,
                         .real = std::bit_cast<double>(__builtin_bswap64(take_number<std::uint64_t>()))}),
                   true;
        case Opcode::SHORT_BINSTRING:
        case Opcode::SHORT_BINUNICODE:
            return push_bytes(Kind::text, take_number<std::uint8_t>()), true;
        case Opcode::BINSTRING:
        case Opcode::BINUNICODE:
            return push_bytes(Kind::text, take_number<std::uint32_t>()), true;
        case Opcode::BINUNICODE8:
            return push_bytes(Kind::text, take_number<std::uint64_t>()), true;
        case Opcode::SHORT_BINBYTES:
            return push_bytes(Kind::bytes, take_number<std::uint8_t>()), true;
        case Opcode::BINBYTES:
            return push_bytes(Kind::bytes, take_number<std::uint32_t>()), true;
        case Opcode::BINBYTES8:
        case Opcode::BYTEARRAY8:
            return push_bytes(Kind::bytes, take_number<std::uint64_t>()), true;
        default:
            return false;
    }
}

bool PickleMachine::step_container(Opcode opcode) {
    switch (opcode) {
        case Opcode::EMPTY_TUPLE:
            return push_tuple(0), true;
        case Opcode::TUPLE1:
            return push_tuple(1), true;
        case Opcode::TUPLE2:
            return push_tuple(2), true;
        case Opcode::TUPLE3:
            return push_tuple(3), true;
        case Opcode::TUPLE:
            return push({.kind = Kind::tuple, .items = pop_to_mark()}), true;
        case Opcode::FROZENSET:
            return push({.kind = Kind::set, .items = pop_to_mark()}), true;
        case Opcode::EMPTY_LIST:
            return push({.kind = Kind::list}), true;
        case Opcode::EMPTY_SET:
            return push({.kind = Kind::set}), true;
        case Opcode::EMPTY_DICT:
            return push({.kind = Kind::dict}), true;
        case Opcode::APPEND:
            return append({pop()}), true;
        case Opcode::APPENDS:
        case Opcode::ADDITEMS:
            return append(pop_to_mark()), true;
        case Opcode::SETITEMS:
            return set_items(pop_to_mark()), true;
        case Opcode::SETITEM: {
            const auto value = pop(), key = pop();
            return set_items({key, value}), true;
        }
        default:
            return false;
    }
}

bool PickleMachine::step_object(Opcode opcode) {
    switch (opcode) {
        case Opcode::GLOBAL: {
            const auto module = take_line(), name = take_line();
            return push({.kind = Kind::global, .text = name, .module = module}), true;
        }
        case Opcode::STACK_GLOBAL:
            return push_stack_global(), true;
        case Opcode::NEWOBJ_EX:
            pop();  // Arguments by name: no tensor has any.
            [[fallthrough]];
        case Opcode::NEWOBJ:
        case Opcode::REDUCE: {
            const auto arguments = pop(), callee = pop();
            return push_call(callee, arguments), true;
        }
        case Opcode::BUILD: {
            const auto state = pop();
            return top().state = state, true;
        }
        case Opcode::BINPERSID: {
            const auto identifier = pop();
            return push({.kind = Kind::persistent, .items = {identifier}}), true;
        }
        default:
            return false;
    }
}

bool PickleMachine::step_stack(Opcode opcode) {
    switch (opcode) {
        case Opcode::PROTO:
            if (const int protocol = take_number<std::uint8_t>(); protocol > kNewestProtocol)
                fail("is of protocol " + std::to_string(protocol) + ", newer than " +
                     std::to_string(kNewestProtocol));
            return true;
        case Opcode::FRAME:
            return take(sizeof(std::uint64_t)), true;
        case Opcode::MARK:
            if (marks_.size() >= kMaxNesting) fail("nests deeper than any checkpoint");
            return marks_.push_back(stack_.size()), true;
        case Opcode::POP:
            return pop(), true;
        case Opcode::POP_MARK:
            return pop_to_mark(), true;
        case Opcode::DUP: {
            const auto id = pop();
            return stack_.insert(stack_.end(), {id, id}), true;
        }
        case Opcode::BINPUT:
            return remember(take_number<std::uint8_t>()), true;
        case Opcode::LONG_BINPUT:
            return remember(take_number<std::uint32_t>()), true;
        case Opcode::MEMOIZE:
            return remember(static_cast<std::uint32_t>(memo_.size())), true;
        case Opcode::BINGET:
            return recall(take_number<std::uint8_t>()), true;
        case Opcode::LONG_BINGET:
            return recall(take_number<std::uint32_t>()), true;
        default:
            return false;
    }
}

}  // namespace spectile::checkpoints
