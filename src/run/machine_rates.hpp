#pragma once

namespace spectile::run {

/// What one core of this machine reaches in the arithmetic that networks are made of.
struct MachineRates {
    double sgemm_flops = 0;  ///< Floating-point operations a second of a 1024^3 float32 matrix product
                             ///< (OpenBLAS); 0 where there is no BLAS.
    double exps = 0;         ///< Exponentials a second, in cache.
};

/// The best of several runs each, about half a second in all.
MachineRates measure_machine();

}  // namespace spectile::run
