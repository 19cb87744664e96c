#pragma once

#include <ATen/Context.h>

namespace spectile::networks {

/// Numbers too small for a float's exponent count as 0 in this thread while one of these lives. States of a
/// scan that die away and gradients of a loss over pixels that are almost all background are full of them,
/// and a processor takes a hundred times as long over each.
class FlushDenormals {
public:
    FlushDenormals() { at::Context::setFlushDenormal(true); }
    ~FlushDenormals() { at::Context::setFlushDenormal(false); }
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;
};

}  // namespace spectile::networks
