#pragma once

#include "models/networks/layers/pass.hpp"

namespace spectile::networks::mim {

/// How a pass of MiM-ISTD is made.
struct How {
    bool training = false;        ///< Batch statistics and dropout.
    bool official = true;         ///< Token views as published; else true permutations.
    bool reference_scan = false;  ///< Scans by LibTorch's own operators.
    bool plain = false;           ///< Every layer but the scans by LibTorch's operators, as on a device.
};

using Pass = PassOf<How>;

}  // namespace spectile::networks::mim
