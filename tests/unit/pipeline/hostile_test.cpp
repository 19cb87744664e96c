// Definitions from anywhere: whatever the text, a reader returns or throws Error, soon.
#include <random>

#include "definition_files.hpp"
#include "pipeline/format_examples.hpp"
#include "pipeline/model_card.hpp"
#include "pipeline/read_pipeline.hpp"
#include "pipeline/read_training.hpp"
#include "pipeline/yaml_text.hpp"

namespace spectile {
namespace {

std::string message(const std::string& text) {
    return error_of([&] { read_pipeline_text(text, "my.yaml", {}); });
}

TEST(Hostile, AliasBombIsRefused) {
    std::string text = "spectile: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int copy = 1; copy < 10; ++copy) text += ", " + before;
        text += "]\n";
    }
    EXPECT_THAT(message(text),
                testing::HasSubstr("more than a million values; shorten the file or its aliases"));
}

TEST(Hostile, AliasOfItselfIsRefused) {
    EXPECT_THAT(message("spectile: 1\nscene: &a [*a]\n"), testing::HasSubstr("my.yaml:2: "));
}

TEST(Hostile, AliasesWork) {
    const auto p = read_pipeline_text(
        "spectile: 1\nmodel: m\nscene: &s a.tif\nmask: *s\nproducts: {bands: b.tif}\n", "/p/my.yaml", {});
    EXPECT_EQ(p.scenes[0].mask, "/p/a.tif");
}

TEST(Hostile, DeepNestingIsRefused) {
    for (const int depth : {70, 1'000, 200'000}) {
        EXPECT_THAT(message("spectile: 1\nscene: " + std::string(depth, '[')),
                    testing::HasSubstr("my.yaml:2: "));
        std::string maps;
        for (int i = 0; i < depth; ++i) maps += "{a: ";
        EXPECT_THAT(message("spectile: 1\nscene: " + maps), testing::HasSubstr("my.yaml:2: "));
        std::string dashes;
        for (int i = 0; i < std::min(depth, 5'000); ++i) dashes += "- ";
        EXPECT_THAT(message("spectile: 1\nscene:\n  " + dashes + "a\n"), testing::HasSubstr("my.yaml:3: "));
    }
    EXPECT_THAT(message("spectile: 1\nscene: " + std::string(70, '[') + std::string(70, ']')),
                testing::HasSubstr("nested deeper than 64 levels"));
}

TEST(Hostile, LongTextsAreCutInMessages) {
    const std::string said =
        message("spectile: 1\n" + std::string(900, 'k') + ": 1\nlossy: " + std::string(100'000, 'v') + "\n");
    EXPECT_LT(said.size(), 400u);
}

TEST(Hostile, VariablesDoNotGrowWithoutBound) {
    std::string text = "spectile: 1\nvars: {A: '" + std::string(100'000, 'x') +
                       "'}\nmodel: m\nproducts: {mask: a}\nscene: '";
    for (int i = 0; i < 1'000; ++i) text += "${A}";
    EXPECT_EQ(message(text + "'\n"), "78 my.yaml:5: scene: variables make it too long");
}

/// Changes, doubles, swaps or removes bytes and lines, or sets in a token that means something to YAML.
std::string mutated(std::string text, std::mt19937& random) {
    static const std::vector<std::string> kTokens = {"[",
                                                     "]",
                                                     "{",
                                                     "}",
                                                     ":",
                                                     ": ",
                                                     "- ",
                                                     "\n",
                                                     "&a ",
                                                     "*a",
                                                     "!!str ",
                                                     "'",
                                                     "\"",
                                                     "|\n",
                                                     ">",
                                                     "# ",
                                                     "? ",
                                                     "---\n",
                                                     "...\n",
                                                     "${",
                                                     "}",
                                                     "\t",
                                                     "%YAML 1.2\n",
                                                     "~",
                                                     "-1",
                                                     "1e999",
                                                     ".nan",
                                                     "0x",
                                                     "99999999999999999999",
                                                     "\xc3",
                                                     "\xef\xbb\xbf",
                                                     ","};
    const auto pick = [&](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
    };
    const std::size_t edits = 1 + pick(6);
    for (std::size_t i = 0; i < edits && !text.empty(); ++i) {
        const std::size_t at = pick(text.size());
        const std::size_t length = 1 + pick(std::min<std::size_t>(40, text.size() - at));
        switch (pick(6)) {
            case 0:
                text[at] = static_cast<char>(pick(256));
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.insert(pick(text.size()), text.substr(at, length));
                break;
            case 3:
                std::swap(text[at], text[pick(text.size())]);
                break;
            case 4:
                text.insert(at, kTokens[pick(kTokens.size())]);
                break;
            default:
                text.resize(at);
                break;
        }
    }
    return text;
}

TEST(Hostile, MutatedDefinitionsAreReadOrRefused) {
    std::mt19937 random(7);
    const Folder folder;
    int read = 0, refused = 0;
    const auto attempt = [&](auto&& call) {
        try {
            call();
            ++read;
        } catch (const Error& error) {
            ++refused;
            EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
        }
    };
    for (int round = 0; round < 4'000; ++round) {
        const auto text = [&](DefinitionKind kind) { return mutated(definition::example_of(kind), random); };
        attempt([&] { read_pipeline_text(text(DefinitionKind::pipeline), folder.file("my.yaml"), {}); });
        attempt([&] { read_training_text(text(DefinitionKind::training), folder.file("my.yaml"), {}); });
        const std::string setting = mutated("scene.options={A: [1, 'b'], C: ${D}}", random);
        attempt([&] {
            read_pipeline_text(definition::example_of(DefinitionKind::pipeline), folder.file("my.yaml"),
                               {setting});
        });
        if (round % 4 != 0) continue;
        folder.write("model.yaml", text(DefinitionKind::model));
        attempt([&] {
            const ModelCard card = read_model_card(folder.path());
            folder.write("model.yaml", write_model_card(card));
            EXPECT_EQ(read_model_card(folder.path()).canonical, card.canonical) << write_model_card(card);
        });
    }
    EXPECT_GT(read, 100);
    EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace spectile
