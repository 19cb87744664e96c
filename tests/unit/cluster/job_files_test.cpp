#include "cluster/job_files.hpp"

#include <gmock/gmock.h>

#include "a_manifest.hpp"
#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

JobRequest a_request() {
    JobRequest out;
    out.name = "map";
    out.pipeline = "/data/map.yaml";
    out.folder = "/data/map.jobs";
    out.manifest = a_manifest();
    out.manifest.file = "/data/map.jobs/manifest.json";
    return out;
}

std::string text_of(const std::vector<JobFile>& files, const std::string& name) {
    for (const auto& file : files)
        if (file.name == name) return file.text;
    return "";
}

TEST(SlurmFiles, AskForWhatThePlanSays) {
    JobRequest request = a_request();
    request.throttle = 2;
    request.manifest.gpus = 1;
    request.device = "cuda";
    request.site.partition = "long";
    request.site.options = {"--constraint=avx512"};
    const std::string shards = text_of(slurm_files(request), "shards.sbatch");
    EXPECT_THAT(shards, AllOf(HasSubstr("#SBATCH --array=1-3%2\n"), HasSubstr("#SBATCH --cpus-per-task=4\n"),
                              HasSubstr("#SBATCH --mem=1216M\n"), HasSubstr("#SBATCH --gres=gpu:1\n"),
                              HasSubstr("#SBATCH --time=00:10:00\n"), HasSubstr("#SBATCH --partition=long\n"),
                              HasSubstr("#SBATCH --constraint=avx512\n"), HasSubstr("--signal=B:USR1@120"),
                              HasSubstr("--shard auto --device cuda")));
    EXPECT_EQ(text_of(slurm_files(request), "statistics.sbatch"), "");
}

TEST(SlurmFiles, TheArrayWaitsForStatisticsAndTheMergeForAnyEnd) {
    JobRequest request = a_request();
    request.manifest.statistics = true;
    const auto files = slurm_files(request);
    EXPECT_THAT(text_of(files, "statistics.sbatch"), HasSubstr("--statistics"));
    EXPECT_THAT(text_of(files, "submit.sh"),
                AllOf(HasSubstr("--dependency=afterok:"), HasSubstr("--dependency=afterany:")));
    EXPECT_THAT(text_of(files, "merge.sbatch"), Not(HasSubstr("requeue")));
}

TEST(SlurmFiles, QuoteWhatAShellWouldChange) {
    JobRequest request = a_request();
    request.options = {"--set=vars.NAME=it's here", "--co=COMPRESS=ZSTD"};
    EXPECT_THAT(text_of(slurm_files(request), "shards.sbatch"),
                HasSubstr("'--set=vars.NAME=it'\\''s here' --co=COMPRESS=ZSTD"));
}

TEST(SlurmFiles, StartTheProgramInItsContainer) {
    JobRequest request = a_request();
    request.site.container = "/images/spectile.sif";
    request.site.modules = {"apptainer"};
    EXPECT_THAT(text_of(slurm_files(request), "merge.sbatch"),
                AllOf(HasSubstr("module load apptainer\n"),
                      HasSubstr("spectile=(apptainer exec /images/spectile.sif spectile)\n")));
}

TEST(KubernetesFiles, AreAnIndexedJobWithOurExitCodes) {
    JobRequest request = a_request();
    request.name = "Land_cover";
    request.site.container = "registry/spectile:0.1";
    request.site.claim = "data";
    request.site.mount = "/data";
    request.site.storage = "100Gi";
    const auto files = kubernetes_files(request);
    EXPECT_THAT(text_of(files, "shards.yaml"),
                AllOf(HasSubstr("name: land-cover-shards\n"), HasSubstr("completionMode: Indexed\n"),
                      HasSubstr("completions: 3\n"), HasSubstr("backoffLimitPerIndex: 3\n"),
                      HasSubstr("action: FailIndex"), HasSubstr("values: [75]"),
                      HasSubstr("restartPolicy: Never\n"), HasSubstr("- \"auto\"\n")));
    EXPECT_THAT(text_of(files, "merge.yaml"), HasSubstr("action: FailJob"));
    EXPECT_THAT(text_of(files, "claim.yaml"), HasSubstr("storage: 100Gi"));
}

TEST(KubernetesFiles, NeedAContainerAClaimAndFilesUnderIt) {
    JobRequest request = a_request();
    EXPECT_THROW(kubernetes_files(request), Error);
    request.site.container = "registry/spectile:0.1";
    request.site.claim = "data";
    request.site.mount = "/elsewhere";
    EXPECT_THROW(kubernetes_files(request), Error);
}

}  // namespace
}  // namespace spectile::cluster
