#include "run/machine_rates.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <vector>

#include "kernels/activations.hpp"

namespace spectile::run {
namespace {

double best_seconds(int runs, const std::function<void()>& body) {
    double best = std::numeric_limits<double>::max();
    for (int i = 0; i < runs; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        body();
        best =
            std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    return best;
}

double sgemm_rate() {
    // GDAL and LibTorch bring a BLAS along; it is asked for by name so that this program need not link one.
    using Sgemm = void (*)(int, int, int, int, int, int, float, const float*, int, const float*, int, float,
                           float*, int);
    const auto sgemm = reinterpret_cast<Sgemm>(::dlsym(RTLD_DEFAULT, "cblas_sgemm"));
    if (!sgemm) return 0;
    constexpr int n = 1024, row_major = 101, no_trans = 111;
    constexpr std::size_t kSize = std::size_t{n} * n;
    std::vector<float> a(kSize, 0.5F), b(kSize, 0.25F), c(kSize);
    const double seconds = best_seconds(8, [&] {
        sgemm(row_major, no_trans, no_trans, n, n, n, 1.0F, a.data(), n, b.data(), n, 0.0F, c.data(), n);
    });
    return 2.0 * n * n * n / seconds;
}

double exp_rate() {
    std::vector<float> in(4096), out(4096);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = -static_cast<float>(i % 64) * 0.1F;
    constexpr int rounds = 200;
    const double seconds = best_seconds(10, [&] {
        for (int i = 0; i < rounds; ++i) kernels::exp(in.data(), out.data(), in.size());
    });
    return static_cast<double>(in.size()) * rounds / seconds;
}

}  // namespace

MachineRates measure_machine() { return {sgemm_rate(), exp_rate()}; }

}  // namespace spectile::run
