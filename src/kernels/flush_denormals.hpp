#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace spectile::kernels {

/// Numbers too small for a float's exponent count as 0 in this thread while one of these lives, as they always
/// do to the instruction that multiplies bfloat16. States of a scan that die away and gradients of a loss over
/// pixels that are almost all background are full of them, and a processor takes a hundred times as long over
/// each.
class FlushDenormals {
public:
#if defined(__x86_64__)
    FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlush); }
    ~FlushDenormals() { _mm_setcsr(before_); }
#else
    FlushDenormals() = default;
#endif
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;

private:
#if defined(__x86_64__)
    static constexpr unsigned kFlush = 0x8040;  // Results (FTZ) and operands (DAZ).
    unsigned before_;
#endif
};

}  // namespace spectile::kernels
