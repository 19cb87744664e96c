// Runs a fuzz target without libFuzzer: over its corpus, and over deterministic mutations of every file of
// it. What a machine without clang can do of fuzzing; the coverage-guided search is tests/fuzz/run.sh.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr int kMutations = 1500;
constexpr std::size_t kLongest = 1 << 16;

std::vector<Bytes> corpus_of(const char* folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<Bytes> corpus;
    for (const auto& path : paths) {
        std::ifstream in(path, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return corpus;
}

Bytes mutated(Bytes bytes, const std::vector<Bytes>& corpus, std::mt19937& random) {
    static constexpr std::uint8_t kOdd[] = {0, 255, 127, 128, '\n', '{', '[', '"', ':', '-', '9', '*', '&'};
    for (int changes = 1 + static_cast<int>(random() % 4); changes > 0; --changes) {
        const std::size_t at = bytes.empty() ? 0 : random() % bytes.size();
        const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        switch (random() % 5) {
            case 0:
                if (!bytes.empty()) bytes[at] ^= static_cast<std::uint8_t>(1U << (random() % 8));
                break;
            case 1:
                bytes.insert(here, kOdd[random() % std::size(kOdd)]);
                break;
            case 2:
                bytes.erase(here, bytes.end());
                break;
            case 3:  // A piece of another file.
                if (const auto& other = corpus[random() % corpus.size()]; !other.empty())
                    bytes.insert(here, other.begin() + static_cast<std::ptrdiff_t>(random() % other.size()),
                                 other.end());
                break;
            default:  // A run repeated.
                if (!bytes.empty())
                    bytes.insert(bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end());
        }
        if (bytes.size() > kLongest) bytes.resize(kLongest);
    }
    return bytes;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return std::fprintf(stderr, "usage: replay CORPUS\n"), 64;
    const auto corpus = corpus_of(argv[1]);
    if (corpus.empty()) return std::fprintf(stderr, "%s: no corpus\n", argv[1]), 66;
    std::mt19937 random(1);
    for (const auto& file : corpus) LLVMFuzzerTestOneInput(file.data(), file.size());
    for (int i = 0; i < kMutations; ++i) {
        const Bytes input = mutated(corpus[random() % corpus.size()], corpus, random);
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::printf("%zu files and %d mutations\n", corpus.size(), kMutations);
    return 0;
}
