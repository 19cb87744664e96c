// The conda recipe and the Dockerfiles cannot be built here. Their names and versions can be compared with
// the build's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

const std::string kPackaging = SPECTILE_SOURCE_DIR "/packaging/";
using Names = std::set<std::string>;

/// All first groups of a pattern.
Names found_in(const std::string& text, const std::string& pattern) {
    Names names;
    const std::regex expression(pattern);
    for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
        names.insert((*at)[1]);
    return names;
}

/// The recipe as YAML: statements of Jinja are dropped, its expressions become words.
YAML::Node recipe() {
    auto text = text_of(kPackaging + "conda/meta.yaml");
    text = std::regex_replace(text, std::regex("\\{% set version = \"([0-9.]+)\" %\\}"), "jinja_version: $1");
    text = std::regex_replace(text, std::regex("\\{\\{ version \\}\\}"), "VERSION");
    text = std::regex_replace(text, std::regex("\\{\\{ (\\w+)\\('(\\w+)'\\) \\}\\}"), "$1_$2");
    return YAML::Load(text);
}

Names words(const YAML::Node& list) {
    Names out;
    for (const auto& item : list) {
        const auto text = item.as<std::string>();
        out.insert(text.substr(0, text.find(' ')));
    }
    return out;
}

TEST(Packages, TheRecipeHasCMakesVersionAndLicence) {
    const auto read = recipe();
    EXPECT_EQ(read["jinja_version"].as<std::string>(), SPECTILE_VERSION);
    EXPECT_EQ(read["package"]["version"].as<std::string>(), "VERSION");
    EXPECT_EQ(read["about"]["license"].as<std::string>(), "Apache-2.0");
    EXPECT_GE(read["test"]["commands"].size(), 2u);
    EXPECT_THAT(text_of(kPackaging + "conda/build.sh"), testing::HasSubstr("cmake --preset release"));
}

TEST(Packages, TheRecipesHostIsWhatCMakeLooksFor) {
    // CMake's names, or those of Debian where CMake looks for headers alone, and conda-forge's.
    const std::map<std::string, std::string> conda{{"GDAL", "libgdal-core"},
                                                   {"PROJ", "proj"},
                                                   {"TBB", "tbb-devel"},
                                                   {"CLI11", "cli11"},
                                                   {"yaml-cpp", "yaml-cpp"},
                                                   {"nlohmann_json", "nlohmann_json"},
                                                   {"spdlog", "spdlog"},
                                                   {"hwy", "libhwy"},
                                                   {"OpenSSL", "openssl"},
                                                   {"libxxhash", "xxhash"},
                                                   {"Torch", "libtorch"},
                                                   {"libvalijson-dev", "valijson"},
                                                   {"libopenblas0-pthread", "libopenblas"}};
    const auto dependencies = text_of(kPackaging + "cmake/SpectileDependencies.cmake") +
                              text_of(SPECTILE_SOURCE_DIR "/src/models/networks/CMakeLists.txt");
    Names wanted = found_in(dependencies, "find_package\\(([\\w-]+)");
    for (const char* other : {"PkgConfig", "CUDAToolkit", "GTest"}) wanted.erase(other);
    wanted.merge(found_in(dependencies, "IMPORTED_TARGET (\\w+)"));
    wanted.merge(found_in(text_of(kPackaging + "install-deps.sh"), "(libvalijson-dev|libopenblas0-pthread)"));
    Names expected;
    for (const auto& name : wanted) {
        ASSERT_TRUE(conda.contains(name)) << name << " is looked for by CMake and has no name of conda here";
        expected.insert(conda.at(name));
    }
    const auto requirements = recipe()["requirements"];
    EXPECT_EQ(words(requirements["host"]), expected);
    EXPECT_THAT(words(requirements["host"]), testing::IsSupersetOf(words(requirements["run"])));
}

/// The packages that a Dockerfile installs: words of Debian's kind after `apt-get install`.
Names installed_by(std::string text) {
    text = std::regex_replace(text, std::regex("\\\\\n"), " ");
    Names names;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto at = line.find("apt-get install");
        if (!line.starts_with("RUN") || at == std::string::npos) continue;
        std::istringstream rest(line.substr(at + std::string("apt-get install").size()));
        for (std::string word; rest >> word && word != "&&";)
            if (!word.starts_with("-") && !word.starts_with("/")) names.insert(word);
    }
    return names;
}

TEST(Packages, DockerfilesNamePackagesThatThereAre) {
    if (run({"apt-cache", "show", "--no-all-versions", "hello"}).out.empty())
        GTEST_SKIP() << "this machine has no list of Debian's packages (apt-get update)";
    const Names known = found_in(text_of(kPackaging + "install-deps.sh"), "([a-z0-9][a-z0-9+.-]+)");
    // Of Debian 13's contrib and non-free: this machine's archives need not have them.
    const Names elsewhere{"libgloo-cuda-dev", "libnccl-dev", "libtorch-cuda-dev", "nvidia-cuda-toolkit",
                          "nvidia-cudnn"};
    for (const char* file : {"docker/Dockerfile", "docker/Dockerfile.cuda"}) {
        const auto names = installed_by(text_of(kPackaging + file));
        EXPECT_GE(names.size(), 3u) << file;
        for (const auto& name : names) {
            if (known.contains(name) || elsewhere.contains(name)) continue;
            EXPECT_THAT(run({"apt-cache", "show", "--no-all-versions", name}).out,
                        testing::HasSubstr("Package: " + name))
                << file << ": " << name;
        }
    }
}

}  // namespace
}  // namespace spectile::test
