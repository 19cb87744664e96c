#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cluster/job_files.hpp"
#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

/// Exit codes that another try would only repeat; 79 has published, with marks.
constexpr const char* kPermanent = "[64, 65, 66, 69, 70, 71, 73, 76, 77, 78, 79]";
constexpr int kGrace_s = 120;
constexpr int kPatience_s = 7 * 24 * 3600;

/// A double-quoted YAML scalar.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') out += '\\';
        out += letter;
    }
    return out + "\"";
}

/// What Kubernetes takes as a name: lower-case letters, digits and dashes.
std::string kubernetes_name(const std::string& name) {
    std::string out;
    for (const char letter : name) {
        const auto byte = static_cast<unsigned char>(letter);
        out += std::isalnum(byte) && byte < 128 ? static_cast<char>(std::tolower(byte)) : '-';
    }
    while (out.starts_with('-')) out.erase(0, 1);
    out = out.substr(0, 40);
    while (out.ends_with('-')) out.pop_back();
    return out.empty() ? "spectile" : out;
}

void check_site(const JobRequest& request) {
    const Site& site = request.site;
    if (site.container.empty() || site.claim.empty() || site.mount.empty())
        throw Error(
            Code::definition,
            "--to kubernetes: the site file must say container, claim and mount; see docs/clusters.md");
    const std::string root = site.mount.ends_with('/') ? site.mount : site.mount + "/";
    for (const auto& path : {request.pipeline, request.manifest.file, request.manifest.work})
        if (!path.empty() && !path.starts_with(root))
            throw Error(Code::definition, path + ": lies outside " + site.mount +
                                              ", where pods see the claim; keep pipeline, manifest and work "
                                              "directory under the mount");
}

class Documents {
public:
    explicit Documents(const JobRequest& request) : request_(request), name_(kubernetes_name(request.name)) {}

    std::string name(const std::string& stage) const { return name_ + "-" + stage; }

    std::string head(const std::string& what, const std::string& version, const std::string& kind,
                     const std::string& called) const {
        std::string text = "# Written by spectile submit, to be read and edited. " + what +
                           "\napiVersion: " + version + "\nkind: " + kind + "\nmetadata:\n  name: " + called +
                           "\n";
        if (!request_.site.name_space.empty()) text += "  namespace: " + request_.site.name_space + "\n";
        return text + "spec:\n";
    }

    std::string command(const std::string& verb, const std::vector<std::string>& more) const {
        std::string out = "            - " + quoted(request_.site.program) + "\n";
        for (const auto& word : words_of(request_, verb, more)) out += "            - " + quoted(word) + "\n";
        return out;
    }

    /// The pod of a job: one container that sees the claim.
    std::string pod(const std::string& command, int gpus) const {
        const auto cpu = std::to_string(request_.manifest.threads);
        const auto memory = std::to_string(memory_mib(request_.manifest)) + "Mi";
        std::string text = fmt::format(
            "  template:\n    spec:\n      restartPolicy: Never\n"
            "      # SIGTERM ends the tiles in flight; finished parts stay.\n"
            "      terminationGracePeriodSeconds: {}\n      containers:\n        - name: spectile\n"
            "          image: {}\n          command:\n{}          resources:\n"
            "            requests: {{cpu: \"{}\", memory: {}}}\n            limits: {{cpu: \"{}\", memory: "
            "{}{}}}\n",
            kGrace_s, quoted(request_.site.container), command, cpu, memory, cpu, memory,
            gpus > 0 ? ", nvidia.com/gpu: " + std::to_string(gpus) : "");
        if (!request_.site.scratch.empty())
            text += "          env:\n            - {name: TMPDIR, value: " + quoted(request_.site.scratch) +
                    "}\n";
        text +=
            "          volumeMounts:\n            - {name: data, mountPath: " + quoted(request_.site.mount) +
            "}\n";
        if (!request_.site.scratch.empty())
            text += "            - {name: scratch, mountPath: " + quoted(request_.site.scratch) + "}\n";
        text += "      volumes:\n        - name: data\n          persistentVolumeClaim: {claimName: " +
                request_.site.claim + "}\n";
        if (!request_.site.scratch.empty()) text += "        - name: scratch\n          emptyDir: {}\n";
        return text;
    }

private:
    const JobRequest& request_;
    std::string name_;
};

/// `fail`: FailIndex for one shard, FailJob for a job of one pod.
std::string failure_policy(const std::string& fail) {
    return fmt::format(
        "  podFailurePolicy:\n    rules:\n      # Another try would fail alike.\n      - action: {}\n"
        "        onExitCodes: {{operator: In, values: {}}}\n"
        "      # Interrupted or incomplete: the next try goes on where this one ended.\n"
        "      - action: Ignore\n        onExitCodes: {{operator: In, values: [75]}}\n"
        "      - action: Ignore\n        onPodConditions:\n          - {{type: DisruptionTarget, status: "
        "\"True\"}}\n",
        fail, kPermanent);
}

JobFile claim_file(const JobRequest& request, const Documents& documents) {
    std::string text =
        documents.head("What pipeline, scene, model and products lie on.", "v1", "PersistentVolumeClaim",
                       request.site.claim) +
        "  accessModes: [ReadWriteMany]\n  resources:\n    requests: {storage: " + request.site.storage +
        "}\n";
    if (!request.site.storage_class.empty())
        text += "  storageClassName: " + request.site.storage_class + "\n";
    return {"claim.yaml", text};
}

JobFile statistics_file(const Documents& documents) {
    return {"statistics.yaml", documents.head("Statistics of the whole scene, which the shards wait for.",
                                              "batch/v1", "Job", documents.name("statistics")) +
                                   "  backoffLimit: 3\n" + failure_policy("FailJob") +
                                   documents.pod(documents.command("run", {"--statistics"}), 0)};
}

JobFile shards_file(const JobRequest& request, const Documents& documents) {
    const auto count = request.manifest.shards.size();
    const auto at_once = request.throttle > 0 ? std::min<std::size_t>(count, request.throttle) : count;
    std::vector<std::string> more = {"--shard", shard_word(request)};
    if (!request.device.empty()) more.insert(more.end(), {"--device", request.device});
    std::string text =
        documents.head("Each index computes one shard.", "batch/v1", "Job", documents.name("shards"));
    text += fmt::format(
        "  completionMode: Indexed\n  completions: {}\n  parallelism: {}\n"
        "  # Of each shard: I/O errors (74) and killed pods are tried again this often.\n"
        "  backoffLimitPerIndex: 3\n",
        count, at_once);
    return {"shards.yaml", text + failure_policy("FailIndex") +
                               documents.pod(documents.command("run", more), request.manifest.gpus)};
}

JobFile merge_file(const Documents& documents) {
    return {"merge.yaml",
            documents.head("Checks that every part is there, then publishes; while shards are "
                           "missing it says 75 and is tried again.",
                           "batch/v1", "Job", documents.name("merge")) +
                fmt::format("  backoffLimit: 3\n  # A shard that failed for good is never waited "
                            "for longer than a week.\n  activeDeadlineSeconds: {}\n",
                            kPatience_s) +
                failure_policy("FailJob") + documents.pod(documents.command("merge", {}), 0)};
}

JobFile submit_file(const JobRequest& request, const Documents& documents) {
    const std::string folder = shell_word(request.folder);
    const std::string space =
        request.site.name_space.empty() ? "" : " --namespace " + shell_word(request.site.name_space);
    std::string text =
        "#!/usr/bin/env bash\n# Written by spectile submit. Hands the jobs over to Kubernetes; jobs of these "
        "names that are there are replaced.\nset -euo pipefail\n";
    if (!request.site.storage.empty()) text += "kubectl apply -f " + folder + "/claim.yaml\n";
    text += fmt::format("kubectl delete{} --ignore-not-found job {} {} {}\n", space,
                        documents.name("statistics"), documents.name("shards"), documents.name("merge"));
    if (request.manifest.statistics)
        text += fmt::format(
            "kubectl apply -f {0}/statistics.yaml\n"
            "kubectl wait{1} --for=condition=complete --timeout=-1s job/{2}\n",
            folder, space, documents.name("statistics"));
    text += fmt::format(
        "# Both at once: while shards are missing, merge ends with 75 and is tried again.\n"
        "kubectl apply -f {0}/shards.yaml -f {0}/merge.yaml\n",
        folder);
    return {"submit.sh", text, true};
}

}  // namespace

std::vector<JobFile> kubernetes_files(const JobRequest& request) {
    check_site(request);
    const Documents documents(request);
    std::vector<JobFile> out = {submit_file(request, documents)};
    if (!request.site.storage.empty()) out.push_back(claim_file(request, documents));
    if (request.manifest.statistics) out.push_back(statistics_file(documents));
    out.push_back(shards_file(request, documents));
    out.push_back(merge_file(documents));
    return out;
}

}  // namespace spectile::cluster
