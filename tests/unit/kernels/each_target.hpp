#pragma once

#include <gtest/gtest.h>

#include "kernels/target.hpp"

namespace spectile::kernels::test {

/// Runs `body` once per instruction level that this machine and build have, naming the level in failures.
template <typename Body>
void for_each_target(Body&& body) {
    for (const std::string& target : available_targets()) {
        SCOPED_TRACE("target " + target);
        pin_target(target);
        body();
    }
    pin_target("auto");
}

}  // namespace spectile::kernels::test
