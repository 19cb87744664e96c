#include "spectile/error.hpp"

namespace spectile {

int exit_code(Code code) noexcept {
    switch (code) {
        case Code::usage:
            return 64;
        case Code::scene:
            return 65;
        case Code::missing:
            return 66;
        case Code::device:
            return 69;
        case Code::internal:
            return 70;
        case Code::memory:
            return 71;
        case Code::publish:
            return 73;
        case Code::read:
        case Code::write:
            return 74;
        case Code::interrupted:
            return 75;
        case Code::verification:
            return 76;
        case Code::permission:
            return 77;
        case Code::definition:
        case Code::model:
            return 78;
        case Code::marked:
            return 79;
    }
    return 70;
}

}  // namespace spectile
