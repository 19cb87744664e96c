#include <fmt/format.h>

#include "cluster/job_files.hpp"

namespace spectile::cluster {
namespace {

constexpr const char* kDefaultTime = "04:00:00";
/// Slurm may send it a minute early; what is left must do for the tiles in flight and for the journal.
constexpr int kSignal_s = 120;

// Slurm signals the shell alone (B:), which hands it on: spectile ends its tiles in flight and says 75.
constexpr const char* kWait = R"(child=$!
trap 'kill -USR1 "$child"' USR1 TERM
while true; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break
done
)";

constexpr const char* kRequeue = R"(
# 75 is interrupted, 74 an I/O error: both are worth another try, which goes on where this one ended. The task puts
# itself back into the queue: one that Slurm requeues after a failure has broken its dependants for good by then.
restarts=${SLURM_RESTART_COUNT:-0}
if { [ "$status" -eq 75 ] && [ "$restarts" -lt 100 ]; } || { [ "$status" -eq 74 ] && [ "$restarts" -lt 3 ]; }; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
)";

std::string slurm_time(double seconds) {
    const auto minutes = static_cast<std::int64_t>(seconds / 60 + 0.999);
    return fmt::format("{:02}:{:02}:00", minutes / 60, minutes % 60);
}

std::string time_of(const JobRequest& request) {
    if (request.time_s > 0) return slurm_time(request.time_s);
    const double estimated_s = estimated_time_s(request.manifest);
    if (estimated_s > 0) return slurm_time(estimated_s);
    return request.site.time.empty() ? kDefaultTime : request.site.time;
}

/// One script: what it asks for, and what comes before the program.
class Script {
public:
    Script(const JobRequest& request, const std::string& stage, const std::string& what)
        : request_(request), stage_(stage) {
        text_ = fmt::format(
            "#!/usr/bin/env bash\n# Written by spectile submit, to be read and edited. {}\n"
            "# Run again it goes on where it ended: nothing that is finished is computed again.\n",
            what);
        ask("job-name", request.name + "-" + stage);
        ask("partition", request.site.partition);
        ask("account", request.site.account);
        ask("qos", request.site.qos);
        ask("cpus-per-task", std::to_string(request.manifest.threads));
        ask("mem", std::to_string(memory_mib(request.manifest)) + "M");
        ask("time", time_of(request));
        ask("open-mode", "append");
    }
    void ask(const std::string& option, const std::string& value) {
        if (!value.empty()) text_ += "#SBATCH --" + option + "=" + value + "\n";
    }
    void ask_requeue() {
        text_ += "#SBATCH --requeue\n";
        ask("signal", "B:USR1@" + std::to_string(kSignal_s));
    }
    /// Ends what is asked for; then the site's own lines and the program's name.
    void set_up() {
        for (const auto& option : request_.site.options) text_ += "#SBATCH " + option + "\n";
        text_ += "set -uo pipefail\n";
        for (const auto& module : request_.site.modules) text_ += "module load " + shell_word(module) + "\n";
        if (!request_.site.scratch.empty())
            text_ += "export TMPDIR=\"" + request_.site.scratch + "\"\nmkdir -p \"$TMPDIR\"\n";
        for (const auto& line : request_.site.setup) text_ += line + "\n";
        text_ += "spectile=(" +
                 (request_.site.container.empty()
                      ? ""
                      : request_.site.launcher + " " + shell_word(request_.site.container) + " ") +
                 shell_word(request_.site.program) + ")\n\n";
    }
    /// `spectile VERB PIPELINE --manifest FILE ...`
    std::string call(const std::string& verb, const std::vector<std::string>& more) const {
        return "\"${spectile[@]}\" " + shell_words(words_of(request_, verb, more));
    }
    void add(const std::string& lines) { text_ += lines; }
    JobFile file() const { return {stage_ + ".sbatch", text_, true}; }

private:
    const JobRequest& request_;
    std::string stage_, text_;
};

std::string log_of(const JobRequest& request, const std::string& name) {
    return request.folder + "/logs/" + name + ".log";
}

JobFile statistics_script(const JobRequest& request) {
    Script script(request, "statistics", "Statistics of the whole scene, which the shards wait for.");
    script.ask("output", log_of(request, "statistics"));
    script.ask_requeue();
    script.set_up();
    script.add(script.call("run", {"--statistics"}) + " &\n" + kWait + kRequeue);
    return script.file();
}

JobFile shards_script(const JobRequest& request) {
    Script script(request, "shards", "Each task of the array computes one shard.");
    const auto count = request.manifest.shards.size();
    script.ask("array", fmt::format("1-{}{}", count,
                                    request.throttle > 0 ? "%" + std::to_string(request.throttle) : ""));
    if (request.manifest.gpus > 0) script.ask("gres", "gpu:" + std::to_string(request.manifest.gpus));
    script.ask("output", log_of(request, "shard-%a"));
    script.ask_requeue();
    script.set_up();
    std::vector<std::string> more = {"--shard", shard_word(request)};
    if (!request.device.empty()) more.insert(more.end(), {"--device", request.device});
    script.add(script.call("run", more) + " &\n" + kWait + kRequeue);
    return script.file();
}

JobFile merge_script(const JobRequest& request) {
    Script script(request, "merge", "Checks that every part is there, then publishes; it computes nothing.");
    script.ask("output", log_of(request, "merge"));
    script.set_up();
    script.add(script.call("merge", {}) + "\nstatus=$?\n");
    const bool manifest = !request.manifest.file.empty();
    if (manifest)
        script.add("if [ \"$status\" -eq 75 ]; then\n  missing=$(" +
                   script.call("plan", {"--missing", "-q"}) +
                   ")\n  echo \"to run the missing shards again: " + request.folder +
                   "/submit.sh '$missing'\"\nfi\n");
    else
        script.add("[ \"$status\" -ne 75 ] || echo \"to run again what is missing: " + request.folder +
                   "/submit.sh (what is done is passed over)\"\n");
    script.add("exit \"$status\"\n");
    return script.file();
}

JobFile submit_script(const JobRequest& request) {
    const std::string folder = shell_word(request.folder);
    std::string text =
        "#!/usr/bin/env bash\n# Written by spectile submit. Hands the jobs over to Slurm:\n"
        "#   submit.sh         all shards\n"
        "#   submit.sh 3,7-9   these alone, as spectile plan --missing prints them\n"
        "set -euo pipefail\n"
        "# plan --missing prints an empty line where nothing is missing.\n"
        "[ -n \"${1-all}\" ] || { echo 'no shard is missing' >&2; exit 0; }\n";
    const std::string throttle = request.throttle > 0 ? "%" + std::to_string(request.throttle) : "";
    text += fmt::format("shards=${{1:-1-{}}}{}\nmkdir -p {}/logs\nwaits=()\n", request.manifest.shards.size(),
                        throttle, folder);
    if (request.manifest.statistics)
        text += fmt::format(
            "statistics=$(sbatch --parsable {}/statistics.sbatch)\n"
            "echo \"statistics: job ${{statistics%%;*}}\"\n"
            "# Without statistics the shards are cancelled, and the merge says what is missing.\n"
            "waits=(--dependency=afterok:${{statistics%%;*}} --kill-on-invalid-dep=yes)\n",
            folder);
    text += fmt::format(
        "array=$(sbatch --parsable --array=\"$shards\" \"${{waits[@]}}\" {0}/shards.sbatch)\n"
        "echo \"shards $shards: job ${{array%%;*}}\"\n"
        "# After the shards, however they ended: merge itself checks that every part is there.\n"
        "merge=$(sbatch --parsable --dependency=afterany:\"${{array%%;*}}\" {0}/merge.sbatch)\n"
        "echo \"merge: job ${{merge%%;*}}\"\n",
        folder);
    return {"submit.sh", text, true};
}

}  // namespace

std::vector<JobFile> slurm_files(const JobRequest& request) {
    std::vector<JobFile> out = {submit_script(request)};
    if (request.manifest.statistics) out.push_back(statistics_script(request));
    out.push_back(shards_script(request));
    out.push_back(merge_script(request));
    return out;
}

}  // namespace spectile::cluster
