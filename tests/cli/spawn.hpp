#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace spectile::test {

/// Whether this build is slower and larger than the one that users run.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// What a program did.
struct Outcome {
    int status = -1;  ///< Exit status; 128 + signal where it was killed, 124 where it ran past the limit.
    std::string out;  ///< Standard output.
    std::string err;  ///< Standard error.
    double wall_s = 0, cpu_s = 0;  ///< Of the whole process.
    double peak_mib = 0;           ///< Most resident memory.
    /// Lines of standard error that begin with "spectile: ".
    std::vector<std::string> messages() const;
};

/// A signal that is sent once, as soon as `ready` says so.
struct Interruption {
    std::function<bool()> ready;
    int signal = 0;
};

/// Runs a program to its end, found on PATH where the name has no slash. Neither stream is a terminal.
Outcome run(const std::vector<std::string>& command, double limit_seconds = 120,
            Interruption interruption = {});

/// Runs the spectile of this build.
Outcome run_spectile(std::vector<std::string> arguments, double limit_seconds = 120);

/// The path of a program of this build: "spectile", "examples/simulate_scene".
std::string built(const std::string& program);

/// A folder of its own for each test, removed at the end.
class Folder {
public:
    Folder();
    ~Folder();
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::string write(const std::string& name, const std::string& text) const;
    std::vector<std::string> names() const;  ///< Of everything in it, sorted.

private:
    std::filesystem::path path_;
};

std::string text_of(const std::string& path);

}  // namespace spectile::test
