#pragma once

#include <atomic>

namespace spectile::cli {

/// Makes this process one where spectile's own pool is the only one that grows: OpenBLAS is set to one thread
/// by its own call, OpenMP threads sleep instead of spinning. Values that the user set in the environment
/// stay. Call first in `main`, before any thread is started.
void settle_libraries();

/// From here on SIGINT, SIGTERM and SIGUSR1 ask for a stop at the next good place instead of ending the
/// process. A second SIGINT ends it at once. Where the stop has not come `grace_s` seconds after the signal,
/// the process ends with Code::interrupted and drops what is in flight; 0 or less: it waits for as long as
/// that takes.
void listen_for_signals(double grace_s = 0);

/// 0 until a signal asked to stop, then 1.
const std::atomic<int>& stop_flag();

}  // namespace spectile::cli
