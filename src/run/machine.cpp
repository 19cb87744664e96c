#include "run/machine.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <vector>

#include "spectile/error.hpp"

namespace spectile::run {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

std::string first_line(const std::string& path) {
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
}

bool may_write(const std::string& folder) {
    std::error_code failure;
    return std::filesystem::is_directory(folder, failure) &&
           ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
}

std::optional<std::uint64_t> number(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    return std::strtoull(text.c_str(), nullptr, 10);
}

/// Folders of this process's cgroups for a controller, from its own up to the root: a parent's limit binds
/// too. `controller` is empty for cgroup v2's single tree.
std::vector<std::string> cgroup_folders(const std::string& root, const std::string& controller) {
    std::ifstream in(root + "/proc/self/cgroup");
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        std::istringstream names(line.substr(first + 1, second - first - 1));
        bool fits = controller.empty() && names.str().empty();
        for (std::string name; std::getline(names, name, ',');)
            fits = fits || (!controller.empty() && name == controller);
        if (!fits) continue;
        const std::string base = root + "/sys/fs/cgroup" + (controller.empty() ? "" : "/" + controller);
        for (std::string path = line.substr(second + 1);; path.erase(path.find_last_of('/'))) {
            out.push_back(base + (path == "/" ? "" : path));
            if (path.empty() || path == "/") break;
        }
    }
    return out;
}

std::uint64_t cgroup_memory(const std::string& root) {
    std::uint64_t least = kUnlimited;
    for (const auto& folder : cgroup_folders(root, ""))
        least = std::min(least, number(first_line(folder + "/memory.max")).value_or(kUnlimited));
    for (const auto& folder : cgroup_folders(root, "memory"))
        least = std::min(least, number(first_line(folder + "/memory.limit_in_bytes")).value_or(kUnlimited));
    return least;
}

double cgroup_cpus(const std::string& root) {
    double least = 1e9;
    const auto take = [&](const std::optional<std::uint64_t>& quota,
                          const std::optional<std::uint64_t>& period) {
        if (quota && period && *period > 0)
            least = std::min(least, static_cast<double>(*quota) / static_cast<double>(*period));
    };
    for (const auto& folder : cgroup_folders(root, "")) {
        std::istringstream in(first_line(folder + "/cpu.max"));
        std::string quota, period;
        in >> quota >> period;
        take(number(quota), number(period));
    }
    for (const auto& folder : cgroup_folders(root, "cpu"))
        take(number(first_line(folder + "/cpu.cfs_quota_us")),
             number(first_line(folder + "/cpu.cfs_period_us")));
    return least;
}

/// A positive number from the environment; MiB for Slurm's memory variables.
std::optional<std::uint64_t> from_environment(const char* name) {
    const char* text = std::getenv(name);
    const auto value = text ? number(text) : std::nullopt;
    return value && *value > 0 ? value : std::nullopt;
}

std::uint64_t physical_memory() {
    return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// What cgroups and Slurm allow; 2^63 where they allow everything.
std::uint64_t granted_memory(const std::string& root) {
    auto least = std::min(cgroup_memory(root), std::uint64_t{1} << 63);
    if (const auto mib = from_environment("SLURM_MEM_PER_NODE")) least = std::min(least, *mib << 20);
    if (const auto mib = from_environment("SLURM_MEM_PER_CPU"))
        least = std::min(least, (*mib << 20) * from_environment("SLURM_CPUS_PER_TASK").value_or(1));
    return least;
}

int affinity() {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

}  // namespace

std::uint64_t default_memory_budget(const std::string& root) {
    // A machine has other users; a grant is this run's own, but for what the kernel counts to it.
    constexpr double kShareOfMachine = 0.5, kShareOfGrant = 0.85;
    const auto share = [](std::uint64_t bytes, double part) {
        return static_cast<std::uint64_t>(part * static_cast<double>(bytes));
    };
    return std::min(share(physical_memory(), kShareOfMachine), share(granted_memory(root), kShareOfGrant));
}

void return_spare_memory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

int available_threads(const std::string& root) {
    double least = std::min<double>(affinity(), std::ceil(cgroup_cpus(root)));
    if (const auto cpus = from_environment("SLURM_CPUS_PER_TASK"))
        least = std::min(least, static_cast<double>(*cpus));
    return std::max(1, static_cast<int>(least));
}

std::optional<double> granted_seconds() {
    const auto end = from_environment("SLURM_JOB_END_TIME");
    if (!end) return std::nullopt;
    return static_cast<double>(*end) - static_cast<double>(std::time(nullptr));
}

std::string scratch_folder(const std::string& wanted) {
    std::error_code failure;
    if (!wanted.empty()) {
        std::filesystem::create_directories(wanted, failure);
        if (!failure && may_write(wanted)) return wanted;
        throw Error(failure ? Code::publish : Code::permission,
                    "--scratch " + wanted + ": " +
                        (failure ? failure.message() : "no permission to write there") +
                        "; choose another folder");
    }
    const auto usable = [](const char* name) {
        const char* value = std::getenv(name);
        return value && *value && may_write(value) ? std::string(value) : "";
    };
    if (const auto folder = usable("SLURM_TMPDIR"); !folder.empty()) return folder;
    for (const char* task : {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "SGE_TASK_ID", "JOB_COMPLETION_INDEX",
                             "AWS_BATCH_JOB_ID"})
        if (std::getenv(task)) return usable("TMPDIR");
    return "";
}

std::uint64_t parse_bytes(const std::string& text) {
    char* rest = nullptr;
    const double value = std::strtod(text.c_str(), &rest);
    const std::string unit = rest ? rest : "";
    static const std::vector<std::pair<std::string, double>> units = {{"", 1},
                                                                      {"B", 1},
                                                                      {"K", 1024},
                                                                      {"KiB", 1024},
                                                                      {"KB", 1e3},
                                                                      {"M", 1048576},
                                                                      {"MiB", 1048576},
                                                                      {"MB", 1e6},
                                                                      {"G", 1073741824},
                                                                      {"GiB", 1073741824},
                                                                      {"GB", 1e9},
                                                                      {"T", 1099511627776.0},
                                                                      {"TiB", 1099511627776.0},
                                                                      {"TB", 1e12}};
    for (const auto& [name, factor] : units)
        if (name == unit && rest != text.c_str() && value > 0 && value * factor < 9e18)
            return static_cast<std::uint64_t>(value * factor);
    throw Error(Code::usage, "'" + text + "' is no amount of memory; write it like 2GiB or 512MiB");
}

}  // namespace spectile::run
