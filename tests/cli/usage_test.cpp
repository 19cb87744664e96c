#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// One message, on standard error, and nothing on standard output.
void expect_refusal(const Outcome& outcome, int status, const std::string& text) {
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr(text)));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty());
}

TEST(Usage, HelpIsPrintedWithoutArguments) {
    const auto outcome = run_spectile({});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, HasSubstr("classify"));
    EXPECT_THAT(outcome.err, IsEmpty());
    EXPECT_EQ(run_spectile({"--help"}).out, outcome.out);
}

TEST(Usage, EveryVerbHasHelp) {
    const std::string help = run_spectile({"--help"}).out;
    const auto first = help.find("Subcommands:");
    ASSERT_NE(first, std::string::npos) << help;
    std::istringstream lines(help.substr(first));
    std::string line;
    std::getline(lines, line);
    int verbs = 0;
    for (; std::getline(lines, line) && line.starts_with("  "); ++verbs) {
        const auto verb = line.substr(2, line.find(' ', 2) - 2);
        const auto outcome = run_spectile({verb, "--help"});
        EXPECT_EQ(outcome.status, 0) << verb;
        EXPECT_THAT(outcome.out, HasSubstr("--json")) << verb;
    }
    EXPECT_GE(verbs, 6) << help;
}

TEST(Usage, VersionNamesTheLibraries) {
    const auto outcome = run_spectile({"--version"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, StartsWith("spectile "));
    EXPECT_THAT(outcome.out,
                testing::AllOf(HasSubstr("GDAL 3."), HasSubstr("PROJ "), HasSubstr("oneTBB 2021")));
    EXPECT_THAT(outcome.out, testing::Not(HasSubstr("libtorch"))) << "loading LibTorch takes its time";
    EXPECT_THAT(run_spectile({"--version", "-v"}).out, HasSubstr("\"libtorch\":"));
}

TEST(Usage, UnknownVerbIsRefusedWithTheNearName) {
    expect_refusal(run_spectile({"clasify", "scene.tif"}), 64, "did you mean 'classify'?");
}

TEST(Usage, UnknownOptionIsRefusedWithTheNearName) {
    expect_refusal(run_spectile({"run", "p.yaml", "--thread", "2"}), 64, "did you mean '--threads'?");
    expect_refusal(run_spectile({"run", "p.yaml", "--memroy=2GiB"}), 64, "did you mean '--memory'?");
}

TEST(Usage, ArgumentsThatDoNotFitAreRefused) {
    expect_refusal(run_spectile({"run"}), 64, "PIPELINE");
    expect_refusal(run_spectile({"run", "a.yaml", "b.yaml"}), 64, "'b.yaml' is one argument too many");
    expect_refusal(run_spectile({"run", "p.yaml", "--threads", "0"}), 64, "--threads");
    expect_refusal(run_spectile({"run", "p.yaml", "--threads", "two"}), 64, "--threads");
    expect_refusal(run_spectile({"run", "p.yaml", "--window", "1,2,3"}), 64, "--window");
}

TEST(Usage, ValuesWithUnitsAreCheckedBeforeAnythingIsRead) {
    const Folder folder;
    const auto pipeline = folder.write(
        "p.yaml", "spectile: 1\nscene: {path: s.tif}\nmodel: m\nproducts: {bands: {path: o.tif}}\n");
    expect_refusal(run_spectile({"run", pipeline, "--memory", "much"}), 64, "much");
    expect_refusal(run_spectile({"run", pipeline, "--time-limit", "soon"}), 64, "'soon' is no time");
    expect_refusal(run_spectile({"run", pipeline, "--grace", "3 s"}), 64, "--grace");
    expect_refusal(run_spectile({"run", pipeline, "--band", "0"}), 64, "bands are counted from 1");
    expect_refusal(run_spectile({"run", pipeline, "--nodata", "none"}), 64, "no number");
    expect_refusal(run_spectile({"run", pipeline, "--co", "TILED"}), 64, "NAME=VALUE");
    expect_refusal(run_spectile({"run", pipeline, "--config", "CPL_DEBUG"}), 64, "NAME=VALUE");
    EXPECT_THAT(folder.names(), ElementsAre("p.yaml"));
}

TEST(Usage, MissingPipelineIsAMissingInput) {
    expect_refusal(run_spectile({"run", "no/such.yaml"}), 66, "no/such.yaml");
}

TEST(Usage, UnknownKeyNamesFileLineAndNearKey) {
    const Folder folder;
    const auto pipeline = folder.write(
        "p.yaml", "spectile: 1\nscene: {path: s.tif}\nmodle: m\nproducts: {bands: {path: o.tif}}\n");
    const auto outcome = run_spectile({"run", pipeline});
    expect_refusal(outcome, 78, "p.yaml:3");
    EXPECT_THAT(outcome.err, HasSubstr("model"));
}

TEST(Usage, JsonCarriesOneDocumentForAnErrorToo) {
    const auto outcome = run_spectile({"run", "no/such.yaml", "--json"});
    EXPECT_EQ(outcome.status, 66);
    const auto document = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(document["error"]["exit_code"], 66);
    EXPECT_EQ(outcome.messages().size(), 1u);
}

TEST(Usage, TrainingTakesALevelAndAGrace) {
    expect_refusal(run_spectile({"train", "no/such.yaml", "--instructions", "sse4", "--grace", "10s"}), 66,
                   "no/such.yaml");
    const Folder folder;
    const auto bad = run_spectile(
        {"train", SPECTILE_SOURCE_DIR "/models/enmap-landcover/training.yaml", "--grace", "soon"});
    EXPECT_EQ(bad.status, 64) << bad.err;
    EXPECT_THAT(bad.err, HasSubstr("--grace"));
}

TEST(Usage, ReferencePageIsWhatTheProgramPrints) {
    const auto outcome = run_spectile({"--reference"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, text_of(SPECTILE_SOURCE_DIR "/docs/reference.md"))
        << "write it anew: build/release/spectile --reference > docs/reference.md";
}

/// A card without a list of bands: their number is known before any pixel is read.
TEST(Usage, AnotherNumberOfBandsThanTheModelReadsIsRefusedBeforeWork) {
    const Folder folder;
    ASSERT_EQ(run({built("tests/make_network"), folder / "six", "spectral_mamba_six_bands"}).status, 0);
    gdal({"gdal_create", "-q", "-outsize", "8", "8", "-bands", "5", folder / "scene.tif"});
    folder.write(
        "p.yaml",
        "spectile: 1\nscene: {path: scene.tif}\nmodel: six\nproducts: {class_map: {path: map.tif}}\n");
    for (const char* verb : {"run", "plan"})
        expect_refusal(run_spectile({verb, folder / "p.yaml"}), 65,
                       "5 bands enter the model 'small', which reads 6");
}

}  // namespace
}  // namespace spectile::test
