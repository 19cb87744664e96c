// The kernels against the rates of this machine: sgemm and exp give the limit, `Dense` says how much of it is
// reached. Speed drifts by 10 to 30 % over minutes, so the three are measured in turn within one process.
//   kernels_benchmark [--benchmark_filter=...]   all with Google Benchmark
//   kernels_benchmark --limit                    interleaved rates and the share of the limit reached, as one
//   line each
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>
#include <stdexcept>
#include <vector>

#include "kernels/activations.hpp"
#include "kernels/selective_scan.hpp"
#include "kernels/spectral_mamba.hpp"
#include "kernels/spectral_mamba_cost.hpp"
#include "kernels/target.hpp"

namespace spectile::kernels::benchmark {
namespace {

std::vector<float> random_values(std::size_t count, float scale) {
    static std::mt19937 generator(7);
    std::normal_distribution<float> normal(0.0F, scale);
    std::vector<float> values(count);
    for (float& value : values) value = normal(generator);
    return values;
}

/// A network of random weights and a scene of random spectra.
struct Workload {
    SpectralMambaShape shape;
    std::vector<std::vector<float>> held;
    SpectralMambaWeights weights;
    std::int64_t rows = 16, cols = 64;
    std::vector<float> cube, logits, scratch;

    const float* hold(std::size_t count, float scale) {
        held.push_back(random_values(count, scale));
        return held.back().data();
    }

    explicit Workload(const SpectralMambaShape& s) : shape(s) {
        held.reserve(64);
        const std::size_t bands = s.bands, model = s.d_model, inner = s.inner(), states = s.d_state,
                          rank = s.rank();
        if (s.patch_size > 1) {
            weights.gssm_dw_weight = hold(bands * s.gssm_kernel * s.gssm_kernel, 0.3F);
            weights.gssm_dw_bias = hold(bands, 0.1F);
            weights.gssm_pw_weight = hold(bands * bands, 0.07F);
            weights.gssm_pw_bias = hold(bands, 0.1F);
        }
        weights.embed_weight = hold(model * s.piece_len, 0.3F);
        weights.embed_bias = hold(model, 0.1F);
        for (int i = 0; i < s.depth; ++i)
            weights.blocks.push_back({hold(model, 1), hold(model, 0.1F), hold(2 * inner * model, 0.2F),
                                      hold(inner * s.d_conv, 0.4F), hold(inner, 0.1F),
                                      hold((rank + 2 * states) * inner, 0.1F), hold(inner * rank, 0.5F),
                                      hold(inner, 1), hold(inner * states, 1), hold(inner, 1),
                                      hold(model * inner, 0.1F)});
        weights.norm_weight = hold(model, 1);
        weights.norm_bias = hold(model, 0.1F);
        weights.head_weight = hold(s.classes * model, 0.2F);
        weights.head_bias = hold(s.classes, 0.1F);
        cube = random_values(bands * (rows + 2 * s.halo()) * (cols + 2 * s.halo()), 1);
        logits.resize(s.classes * rows * cols);
    }
};

SpectralMambaShape default_shape() {
    SpectralMambaShape shape;
    shape.bands = 200;
    shape.classes = 16;
    return shape;
}

/// OpenBLAS, the yardstick for matrix products; opened here so that nothing else has to link it.
struct OpenBlas {
    using Sgemm = void (*)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                           const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
    Sgemm cblas_sgemm = nullptr;

    OpenBlas() {
        void* library = dlopen("libopenblas.so.0", RTLD_NOW);
        if (library == nullptr) library = dlopen("libopenblas.so", RTLD_NOW);
        if (library == nullptr)
            throw std::runtime_error("OpenBLAS is needed as the yardstick: install libopenblas0");
        cblas_sgemm = reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm"));
        const auto set_threads = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"));
        if (cblas_sgemm == nullptr || set_threads == nullptr)
            throw std::runtime_error("OpenBLAS lacks cblas_sgemm");
        set_threads(1);
    }
};

void sgemm(const std::vector<float>& a, const std::vector<float>& b, std::vector<float>& c, int n) {
    static const OpenBlas blas;
    constexpr int kRowMajor = 101, kNoTrans = 111;
    blas.cblas_sgemm(kRowMajor, kNoTrans, kNoTrans, n, n, n, 1.0F, a.data(), n, b.data(), n, 0.0F, c.data(),
                     n);
}

void Sgemm(::benchmark::State& state) {
    const int n = static_cast<int>(state.range(0));
    const auto a = random_values(n * n, 1), b = random_values(n * n, 1);
    std::vector<float> c(n * n);
    for (auto _ : state) sgemm(a, b, c, n);
    state.counters["FLOP/s"] =
        ::benchmark::Counter(2.0 * n * n * n, ::benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(Sgemm)->Arg(1024);

template <void (*kFunction)(const float*, float*, std::size_t)>
void Elementwise(::benchmark::State& state) {
    const auto in = random_values(2048, 4);
    std::vector<float> out(in.size());
    for (auto _ : state) kFunction(in.data(), out.data(), in.size());
    state.counters["values/s"] =
        ::benchmark::Counter(static_cast<double>(in.size()), ::benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(Elementwise<exp2_bounded>)->Name("Exp2Bounded");
BENCHMARK(Elementwise<exp>)->Name("Exp");
BENCHMARK(Elementwise<silu>)->Name("Silu");
BENCHMARK(Elementwise<softplus>)->Name("Softplus");

void Dense(::benchmark::State& state) {
    SpectralMambaShape shape = default_shape();
    shape.patch_size = state.range(0) == 0 ? 1 : 3;
    shape.halo_padding = state.range(0) == 2;
    Workload work(shape);
    const SpectralMambaDense network(work.shape, work.weights);
    for (auto _ : state)
        network.predict({work.cube.data(), work.rows, work.cols, work.logits.data()}, 0, work.rows,
                        work.scratch);
    state.counters["pixels/s"] = ::benchmark::Counter(static_cast<double>(work.rows * work.cols),
                                                      ::benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(Dense)->ArgName("pixel_zero_halo")->Arg(0)->Arg(1)->Arg(2)->Unit(::benchmark::kMillisecond);

struct ScanTensors {
    std::vector<float> u, delta, A, B, C, D, y, d_u, d_delta, d_A, d_B, d_C, d_D;
    SelectiveScan scan;
    ScanTensors(std::int64_t channels, std::int64_t length) {
        scan.batch = 1;
        scan.channels = channels;
        scan.length = length;
        scan.states = 16;
        u = random_values(channels * length, 1);
        delta = random_values(channels * length, 1);
        A = random_values(channels * 16, 1);
        for (float& a : A) a = -std::abs(a);
        B = random_values(16 * length, 1);
        C = random_values(16 * length, 1);
        D = random_values(channels, 1);
        y.resize(u.size());
        d_u = d_delta = y;
        d_A = A;
        d_B = B;
        d_C = C;
        d_D = D;
        scan.u = u.data();
        scan.delta = delta.data();
        scan.A = A.data();
        scan.B = B.data();
        scan.C = C.data();
        scan.D = D.data();
        scan.delta_softplus = true;
    }
    void count(::benchmark::State& state) const {
        state.counters["channel steps/s"] =
            ::benchmark::Counter(static_cast<double>(scan.channels * scan.length),
                                 ::benchmark::Counter::kIsIterationInvariantRate);
    }
};

void ScanForward(::benchmark::State& state) {
    ScanTensors t(state.range(0), state.range(1));
    for (auto _ : state) selective_scan_forward(t.scan, t.y.data(), nullptr, 0, 1);
    t.count(state);
}
BENCHMARK(ScanForward)->Args({64, 34})->Args({64, 4096})->Args({512, 256});

void ScanBackward(::benchmark::State& state) {
    ScanTensors t(state.range(0), state.range(1));
    const SelectiveScanGradients out{t.d_u.data(), t.d_delta.data(), t.d_A.data(), t.d_B.data(),
                                     t.d_C.data(), t.d_D.data(),     nullptr,      nullptr};
    for (auto _ : state) selective_scan_backward(t.scan, t.u.data(), out, 0, 1);
    t.count(state);
}
BENCHMARK(ScanBackward)->Args({64, 34})->Args({64, 4096});

/// Seconds of this thread's processor time: other load on the machine counts less than on the wall clock.
template <typename Body>
double seconds_of(Body body) {
    const auto now = [] {
        timespec t{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
    };
    const double begin = now();
    body();
    return now() - begin;
}

/// The rate that one sample in ten exceeds: what the machine does when nothing else runs on it.
double undisturbed(std::vector<double> rates) {
    const auto at = rates.begin() + static_cast<std::ptrdiff_t>(rates.size() * 9 / 10);
    std::nth_element(rates.begin(), at, rates.end());
    return *at;
}

/// Short samples of sgemm, exp and dense inference in turn: on a shared machine some of each go undisturbed.
void print_limit(const char* name, const SpectralMambaShape& shape) {
    constexpr int kSide = 512, kRounds = 120, kExpRepeats = 400;
    Workload work(shape);
    const SpectralMambaDense network(work.shape, work.weights);
    const auto a = random_values(kSide * kSide, 1), b = random_values(kSide * kSide, 1),
               x = random_values(2048, 4);
    std::vector<float> c(kSide * kSide), e(x.size());
    std::vector<double> flops, exps, pixels;
    for (int round = 0; round < kRounds; ++round) {
        flops.push_back(2.0 * kSide * kSide * kSide / seconds_of([&] { sgemm(a, b, c, kSide); }));
        exps.push_back(kExpRepeats * static_cast<double>(x.size()) / seconds_of([&] {
                           for (int i = 0; i < kExpRepeats; ++i) exp2_bounded(x.data(), e.data(), x.size());
                       }));
        pixels.push_back(static_cast<double>(work.rows * work.cols) / seconds_of([&] {
                             network.predict({work.cube.data(), work.rows, work.cols, work.logits.data()}, 0,
                                             work.rows, work.scratch);
                         }));
    }
    const PixelCost cost = cost_of_pixel(shape);
    const double limit = 1 / (cost.flop / undisturbed(flops) + cost.exponentials / undisturbed(exps));
    std::printf(
        "%s target=%s sgemm=%.1f GFLOP/s exp=%.2f G/s cost=%.3f MFLOP+%.1f Kexp pixels/s=%.0f limit=%.0f "
        "share=%.3f\n",
        name, target_name().c_str(), undisturbed(flops) / 1e9, undisturbed(exps) / 1e9, cost.flop / 1e6,
        cost.exponentials / 1e3, undisturbed(pixels), limit, undisturbed(pixels) / limit);
}

void print_limits() {
    SpectralMambaShape shape = default_shape();
    print_limit("zero", shape);
    shape.halo_padding = true;
    print_limit("halo", shape);
    shape.halo_padding = false;
    shape.patch_size = 1;
    print_limit("pixel", shape);
}

}  // namespace
}  // namespace spectile::kernels::benchmark

int main(int argc, char** argv) {
    if (argc > 1 && std::strcmp(argv[1], "--limit") == 0) {
        if (argc > 2) spectile::kernels::pin_target(argv[2]);  // sse4, avx2, avx512
        spectile::kernels::benchmark::print_limits();
        return 0;
    }
    ::benchmark::Initialize(&argc, argv);
    ::benchmark::RunSpecifiedBenchmarks();
    return 0;
}
