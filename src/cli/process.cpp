#include "cli/process.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdlib>

#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): a signal handler is given nothing else.
std::atomic<int> stop{0};
std::atomic<unsigned> grace{0};
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<unsigned>::is_always_lock_free,
              "both are used in a signal handler");

void ask_to_stop(int) {
    if (stop.exchange(1) == 0 && grace.load() > 0) alarm(grace.load());
}

/// What is in flight is dropped: finished parts lie on disk under their checksums, as after a power cut.
void end_now(int) {
    constexpr char kLine[] =
        "spectile: stopped; what was in flight did not end within --grace and is dropped, finished parts are "
        "kept; run the same command again to go on\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kLine, sizeof kLine - 1);
    _exit(exit_code(Code::interrupted));
}

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

void listen_for_signals(double grace_s) {
    grace.store(grace_s > 0 ? static_cast<unsigned>(std::ceil(grace_s)) : 0);
    struct sigaction action = {};
    action.sa_handler = end_now;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, nullptr);
    action.sa_handler = ask_to_stop;
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGUSR1, &action, nullptr);
    action.sa_flags = SA_RESTART | SA_RESETHAND;
    sigaction(SIGINT, &action, nullptr);
}

const std::atomic<int>& stop_flag() { return stop; }

}  // namespace spectile::cli
