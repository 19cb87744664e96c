#include "cli/spawn.hpp"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace spectile::test {
namespace {

/// Sanitizers make programs several times slower.
constexpr double kPatience = kSanitized ? 5 : 1;

struct Pipe {
    int ends[2];
    Pipe() {
        if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    }
};

[[noreturn]] void become(const std::vector<std::string>& command, const Pipe& out, const Pipe& err) {
    setpgid(0, 0);
    dup2(out.ends[1], STDOUT_FILENO);
    dup2(err.ends[1], STDERR_FILENO);
    for (const int end : {out.ends[0], out.ends[1], err.ends[0], err.ends[1]}) close(end);
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    // LeakSanitizer crashes now and then on the threads of a module that was opened while the program ran.
    // Leaks are looked for in the test programs.
    if (const char* options = getenv("ASAN_OPTIONS"); options && kSanitized)
        setenv("ASAN_OPTIONS", (std::string(options) + ":detect_leaks=0").c_str(), 1);
    execvp(arguments[0], arguments.data());
    _exit(127);
}

/// Collects both streams until they end or time is up; false where time is up.
bool collect(Outcome& outcome, int out, int err, double limit_seconds,
             const std::function<void()>& meanwhile) {
    using Clock = std::chrono::steady_clock;
    constexpr int kTick_ms = 20;
    const auto end = Clock::now() + std::chrono::duration<double>(kPatience * limit_seconds);
    std::array<pollfd, 2> streams = {{{out, POLLIN, 0}, {err, POLLIN, 0}}};
    std::array<char, 65536> buffer;
    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        if (Clock::now() > end) return false;
        meanwhile();
        if (poll(streams.data(), streams.size(), kTick_ms) <= 0) continue;
        for (std::size_t i = 0; i < streams.size(); ++i) {
            if (streams[i].fd < 0 || streams[i].revents == 0) continue;
            const auto count = read(streams[i].fd, buffer.data(), buffer.size());
            if (count > 0)
                (i == 0 ? outcome.out : outcome.err).append(buffer.data(), static_cast<std::size_t>(count));
            else
                streams[i].fd = -1;
        }
    }
    return true;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

std::vector<std::string> Outcome::messages() const {
    std::vector<std::string> lines;
    std::istringstream in(err);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("spectile: ")) lines.push_back(line);
    return lines;
}

Outcome run(const std::vector<std::string>& command, double limit_seconds, Interruption interruption) {
    const Pipe out, err;
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("no process");
    if (child == 0) become(command, out, err);
    close(out.ends[1]);
    close(err.ends[1]);
    Outcome outcome;
    const auto interrupt = [&] {
        if (interruption.signal == 0 || !interruption.ready()) return;
        kill(child, std::exchange(interruption.signal, 0));
    };
    const bool ended = collect(outcome, out.ends[0], err.ends[0], limit_seconds, interrupt);
    if (!ended) kill(-child, SIGKILL);
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    outcome.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    outcome.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    outcome.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
    close(out.ends[0]);
    close(err.ends[0]);
    outcome.status = !ended ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

Outcome run_spectile(std::vector<std::string> arguments, double limit_seconds) {
    arguments.insert(arguments.begin(), built("spectile"));
    return run(arguments, limit_seconds);
}

std::string built(const std::string& program) { return std::string(SPECTILE_BINARY_DIR) + "/" + program; }

Folder::Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "spectile-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;  // A test's verdict does not hang on tidying.
    std::filesystem::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this / name;
}

std::vector<std::string> Folder::names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_))
        names.push_back(std::filesystem::relative(entry.path(), path_).string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string text_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace spectile::test
