#include "cluster/processes.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

constexpr int kPorts = 20000, kFirstPort = 10000;  ///< Below those that systems give out themselves.

std::optional<int> number_of(const Environment& environment, const char* name) {
    const char* value = environment(name);
    if (!value || !*value) return std::nullopt;
    const std::string_view text = value;
    int number = -1;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc() || end != text.data() + text.size() || number < 0)
        throw Error(Code::usage, fmt::format("--distributed: {}={} is no number from 0", name, text));
    return number;
}

std::string text_of(const Environment& environment, const char* name) {
    const char* value = environment(name);
    return value ? value : "";
}

/// The number under one name or the other. Throws where both are absent.
int needed(const Environment& environment, const char* name, const char* slurm_name) {
    auto number = number_of(environment, name);
    if (!number) number = number_of(environment, slurm_name);
    if (!number)
        throw Error(
            Code::usage,
            fmt::format("--distributed: neither {} nor {} is set; start the processes by srun, or set "
                        "RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT for each",
                        name, slurm_name));
    return *number;
}

std::string address_of(const Environment& environment) {
    if (auto given = text_of(environment, "MASTER_ADDR"); !given.empty()) return given;
    for (const char* name : {"SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST"})
        if (const auto nodes = text_of(environment, name); !nodes.empty()) return first_node(nodes);
    throw Error(Code::usage, "--distributed: MASTER_ADDR is not set; name the machine of process 0 in it");
}

int port_of(const Environment& environment) {
    if (const auto given = number_of(environment, "MASTER_PORT")) {
        if (*given == 0 || *given > 65535)
            throw Error(Code::usage, fmt::format("--distributed: MASTER_PORT={} is no port", *given));
        return *given;
    }
    if (const auto job = number_of(environment, "SLURM_JOB_ID"))
        return kFirstPort + (*job + number_of(environment, "SLURM_STEP_ID").value_or(0)) % kPorts;
    throw Error(Code::usage, "--distributed: MASTER_PORT is not set; name a free port of process 0 in it");
}

}  // namespace

std::string first_node(const std::string& list) {
    std::string name;
    bool inside = false, taken = false;  // A bracket, and what is first in it.
    for (const char c : list) {
        if (c == '[') {
            inside = true;
            taken = false;
        } else if (c == ']') {
            inside = false;
        } else if (inside) {
            taken = taken || c == '-' || c == ',';
            if (!taken) name += c;
        } else if (c == ',') {
            break;
        } else {
            name += c;
        }
    }
    return name;
}

TrainingProcesses processes_of(const Environment& environment) {
    TrainingProcesses processes;
    processes.rank = needed(environment, "RANK", "SLURM_PROCID");
    processes.count = needed(environment, "WORLD_SIZE", "SLURM_NTASKS");
    if (processes.rank >= processes.count)
        throw Error(Code::usage,
                    fmt::format("--distributed: process {} of {} is none of them; processes count from 0",
                                processes.rank, processes.count));
    auto local = number_of(environment, "LOCAL_RANK");
    if (!local) local = number_of(environment, "SLURM_LOCALID");
    processes.local = local.value_or(0);
    if (processes.count == 1) return processes;
    processes.address = address_of(environment);
    processes.port = port_of(environment);
    return processes;
}

}  // namespace spectile::cluster
