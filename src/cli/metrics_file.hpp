#pragma once

#include <chrono>
#include <string>

#include "spectile/run.hpp"

namespace spectile::cli {

/// `--metrics FILE`: how far a run is, as text that Prometheus reads (exposition format 0.0.4), for the
/// textfile collector of node_exporter. The file is replaced whole, every ten seconds at most and once at the
/// end.
class MetricsFile {
public:
    /// `run` and `shard` become labels. Throws Error{Code::publish} where the file cannot be made.
    MetricsFile(std::string path, const std::string& run, const std::string& shard);
    void add(const Progress& progress);
    /// The run ended with this exit status: 0, or that of an error.
    void end(int status);

private:
    void write();

    std::string path_, labels_;
    Progress last_;
    int status_ = -1;
    std::chrono::steady_clock::time_point written_{};
};

}  // namespace spectile::cli
