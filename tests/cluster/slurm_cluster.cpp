#include "cluster/slurm_cluster.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <sstream>
#include <thread>

namespace spectile::test {
namespace {

const std::string kScript = SPECTILE_SOURCE_DIR "/tests/cluster/slurm-local.sh";
constexpr int kNodes = 4;

/// Tests run side by side: each has ports of its own.
std::string port_base() { return std::to_string(20000 + ::getpid() % 1200 * 10); }

}  // namespace

std::string SlurmCluster::missing() {
    if (::geteuid() != 0) return "a private Slurm is started as root only";
    for (const char* program : {"slurmctld", "slurmd", "munged", "sbatch", "squeue"})
        if (run({"bash", "-c", std::string("PATH=$PATH:/usr/sbin:/sbin command -v ") + program}).status != 0)
            return std::string(program) + " is not installed; packaging/install-deps.sh brings it";
    return "";
}

SlurmCluster::SlurmCluster() {
    const auto outcome = run({kScript, "start", folder / "slurm", std::to_string(kNodes), "2", port_base()});
    if (outcome.status != 0) failure_ = "a private Slurm does not start here: " + outcome.err;
    ::setenv("SLURM_CONF", (folder / "slurm/slurm.conf").c_str(), 1);
}

SlurmCluster::~SlurmCluster() { run({kScript, "stop", folder / "slurm"}); }

std::string SlurmCluster::pipeline(const std::string& name, const std::string& scene,
                                   const std::string& model) const {
    const std::string used = model.empty() ? SPECTILE_SOURCE_DIR "/models/enmap-landcover" : model;
    return folder.write(name + ".yaml", "spectile: 1\nscene: {path: " + scene + "}\nmodel: " + used +
                                            "\ntiling: {part: 512}\nproducts:\n  " +
                                            (model.empty() ? "class_map" : "bands") + ": {path: " + name +
                                            ".tif}\n");
}

Outcome SlurmCluster::submit(const std::string& name, int shards, const std::string& site,
                             std::vector<std::string> more) const {
    const std::string program =
        site.find("program:") == std::string::npos ? "program: " + built("spectile") + "\n" : "";
    folder.write(name + ".site.yaml", "spectile: 1\n" + program + site);
    more.insert(more.begin(),
                {"submit", folder / (name + ".yaml"), "--to", "slurm", "--shards", std::to_string(shards),
                 "--site", folder / (name + ".site.yaml"), "--threads", "1", "--now"});
    return run_spectile(more, 600);
}

bool SlurmCluster::finish(double limit_s, const std::function<void()>& meanwhile) const {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(limit_s);
    while (Clock::now() < end) {
        meanwhile();
        const auto queue = run({"squeue", "-h"});
        if (queue.status == 0 && queue.out.empty()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
}

void SlurmCluster::kill_node(const std::string& node) const {
    EXPECT_EQ(run({kScript, "kill", folder / "slurm", node}).status, 0);
}

std::vector<std::string> SlurmCluster::nodes_of(const std::string& name) const {
    std::istringstream lines(run({"squeue", "-h", "-t", "R", "-n", name + "-shards", "-o", "%N"}).out);
    std::vector<std::string> nodes;
    for (std::string node; lines >> node;) nodes.push_back(node);
    return nodes;
}

std::string SlurmCluster::work(const std::string& name) const {
    return folder / ("." + name + ".tif.spectile");
}

int SlurmCluster::parts_done(const std::string& name) const {
    int lines = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(work(name), ignored)) {
        if (!entry.path().filename().string().starts_with("ledger-")) continue;
        const auto text = text_of(entry.path().string());
        lines += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    }
    return lines;
}

std::string SlurmCluster::log(const std::string& name, const std::string& job) const {
    return text_of(folder / (name + ".jobs/logs/" + job + ".log"));
}

bool same_product(const Folder& folder, const std::string& one, const std::string& other) {
    for (const char* end : {".tif", ".tif.spectile.json"}) {
        // A record names the files it is about.
        const auto text =
            std::regex_replace(text_of(folder / (one + end)), std::regex(one + "\\.tif"), other + ".tif");
        if (text.empty() || text != text_of(folder / (other + end))) return false;
    }
    return true;
}

}  // namespace spectile::test
