// What the program prints about itself for shells and for man, and whether these take it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

/// A folder with the completion of one shell in it.
class Completion : public testing::Test {
protected:
    /// What bash offers for the last of these words.
    std::vector<std::string> offered(const std::vector<std::string>& words) const {
        folder.write("script", run_spectile({"--completion", "bash"}).out);
        std::string typed;
        for (const auto& word : words) typed += " '" + word + "'";
        const auto outcome = run({"bash", "-c",
                                  "set -u; source '" + (folder / "script") + "'; COMP_WORDS=(spectile" +
                                      typed + "); COMP_CWORD=" + std::to_string(words.size()) +
                                      "; _spectile; printf '%s\\n' ${COMPREPLY[@]+\"${COMPREPLY[@]}\"}"});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        std::vector<std::string> out;
        std::istringstream lines(outcome.out);
        for (std::string line; lines >> line;) out.push_back(line);
        return out;
    }
    bool is_there(const std::string& program) const {
        return run({"bash", "-c", "command -v " + program}).status == 0;
    }
    const Folder folder;
};

TEST_F(Completion, OffersVerbsThenTheirOptionsThenTheWordsOfThese) {
    EXPECT_THAT(offered({"cl"}), ElementsAre("classify"));
    EXPECT_THAT(offered({""}), IsSupersetOf({"run", "plan", "submit", "--version"}));
    EXPECT_THAT(offered({"run", "p.yaml", "--me"}), ElementsAre("--memory", "--metrics"));
    EXPECT_THAT(offered({"run", "--only", ""}), ElementsAre("new", "failed", "open"));
    EXPECT_THAT(offered({"submit", "p.yaml", "--to", "k"}), ElementsAre("kubernetes"));
    EXPECT_THAT(offered({"run", "--work", "x"}), IsEmpty()) << "files are the shell's own";
    EXPECT_THAT(offered({"verify", "--memory"}), IsEmpty()) << "an option of another verb";
}

TEST_F(Completion, OfZshIsTakenByZsh) {
    if (!is_there("zsh")) GTEST_SKIP() << "zsh is not installed";
    folder.write("_spectile", run_spectile({"--completion", "zsh"}).out);
    const auto outcome = run({"zsh", "-fc",
                              "autoload -U compinit; compinit -D; source '" + (folder / "_spectile") +
                                  "'; print $_comps[spectile]"});
    EXPECT_EQ(outcome.out, "_spectile\n") << outcome.err;
    EXPECT_EQ(outcome.err, "");
}

TEST_F(Completion, OfFishIsTakenByFish) {
    if (!is_there("fish")) GTEST_SKIP() << "fish is not installed";
    const auto script = folder.write("spectile.fish", run_spectile({"--completion", "fish"}).out);
    const auto outcome =
        run({"fish", "--no-config", "-c",
             "source " + script + "; complete -C 'spectile run --only '; complete -C 'spectile cl'"});
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("failed"), HasSubstr("classify"))) << outcome.err;
    EXPECT_EQ(outcome.err, "");
}

TEST_F(Completion, AnotherShellIsRefused) {
    const auto outcome = run_spectile({"--completion", "tcsh"});
    EXPECT_EQ(outcome.status, 64);
    EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr("bash, zsh and fish")));
}

TEST(ManPage, IsSetByGroffWithoutAWarning) {
    const Folder folder;
    if (run({"groff", "--version"}).status != 0) GTEST_SKIP() << "groff is not installed";
    for (const std::vector<std::string>& page :
         {std::vector<std::string>{"--man"}, {"--man", "run"}, {"--man", "submit"}, {"--man", "evaluate"}}) {
        const auto text = run_spectile(page);
        ASSERT_EQ(text.status, 0);
        const auto set =
            run({"groff", "-ww", "-man", "-Tascii", "-P-cbou", folder.write("page.1", text.out)});
        EXPECT_EQ(set.status, 0);
        EXPECT_EQ(set.err, "");
        EXPECT_THAT(set.out, AllOf(HasSubstr("NAME"), HasSubstr("EXIT STATUS"),
                                   HasSubstr("interrupted or incomplete")));
        if (page.size() > 1) {
            EXPECT_THAT(set.out, HasSubstr("spectile " + page[1] + " [OPTIONS]"));
        }
    }
    EXPECT_EQ(run_spectile({"--man", "walk"}).status, 64);
}

}  // namespace
}  // namespace spectile::test
