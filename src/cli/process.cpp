#include "cli/process.hpp"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>

namespace spectile::cli {
namespace {

std::atomic<int> stop{0};
static_assert(std::atomic<int>::is_always_lock_free, "the flag is set in a signal handler");

void ask_to_stop(int) { stop.store(1); }

void set_default(const char* name, const char* value) { setenv(name, value, /*overwrite=*/0); }

}  // namespace

void settle_libraries() {
    set_default("OMP_NUM_THREADS", "1");
    set_default("OPENBLAS_NUM_THREADS", "1");
    set_default("OMP_WAIT_POLICY", "passive");
#if defined(__x86_64__)
    // LibTorch 1.13 stops at AVX2 by itself; later ones choose this level on their own.
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("fma"))
        set_default("ATEN_CPU_CAPABILITY", "avx512");
#endif
    // OpenBLAS comes with GDAL and has read its environment before `main`: only its own call reaches it.
    if (void* set_threads = dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
        reinterpret_cast<void (*)(int)>(set_threads)(1);
}

void listen_for_signals() {
    struct sigaction action = {};
    action.sa_handler = ask_to_stop;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGUSR1, &action, nullptr);
    action.sa_flags = SA_RESTART | SA_RESETHAND;
    sigaction(SIGINT, &action, nullptr);
}

const std::atomic<int>& stop_flag() { return stop; }

}  // namespace spectile::cli
