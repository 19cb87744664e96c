// SpectralGPT Base on one tile of 128 x 128: as it runs on scenes, by the kernels, against the same network
// composed of LibTorch's operators with every score of the attention held at once; same weights, taking
// turns, best of the rounds.
//
//   spectral_gpt_benchmark [TASK ...]           seconds of CPU on one thread; shares of sgemm's rate
//   spectral_gpt_benchmark --threads            one tile on two threads, two tiles on two threads
//   spectral_gpt_benchmark --bfloat16 [any]     the encoder in bfloat16 against float32; without AVX512_BF16,
//                                               whose sums other instructions make then, only with "any"
//   spectral_gpt_benchmark --memory ours TASK   peak resident memory of one tile above the weights ("plain"
//                                               likewise)
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "kernels/bfloat16.hpp"
#include "kernels/token_attention.hpp"
#include "models/networks/libtorch_state.hpp"
#include "models/networks/spectral_gpt/packed_network.hpp"
#include "run/parallel.hpp"

namespace spectile {
namespace {

constexpr int kRounds = 5;
constexpr double kEncoderFlops = 212.9e9;  // Of the specification, section 11.1.

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double wall_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// A line of /proc/self/status in MiB.
double mebibytes(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key)) return std::stod(line.substr(key.size() + 1)) / 1024;
    return 0;
}

const ParallelFor kSerial = [](std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = 0; i < count; ++i) body(i);
};

/// The smallest of what was measured so far.
struct Best {
    double seconds = std::numeric_limits<double>::max();
    void add(double measured) { seconds = std::min(seconds, measured); }
};

networks::SpectralGpt network_for(const std::string& task) {
    const std::string classes = task == "classification" ? R"(, "classes": 19)" : "";
    return {entries::parse_spectral_gpt(R"({"task": ")" + task + "\"" + classes + "}", "benchmark"), 1};
}

at::Tensor image_for(const networks::SpectralGpt& network) {
    const auto& config = network.config();
    return at::randn({1, config.input_bands(), config.side, config.side});
}

/// A network with what runs its tiles.
struct Tile {
    networks::SpectralGpt& network;
    networks::gpt::Inference inference;
    at::Tensor image;

    explicit Tile(networks::SpectralGpt& of) : Tile(of, networks::gpt::pack_network(of)) {}
    Tile(networks::SpectralGpt& of, const networks::gpt::PackedNetwork& packed)
        : network(of), inference(packed), image(image_for(of)) {
        inference.parallel = &kSerial;
    }

    at::Tensor run(const networks::Observer& observe = {}) const {
        const at::NoGradGuard no_grad;
        return network.infer(image, inference, observe);
    }
};

/// Multiplication of an m x k matrix by k x n: operations a second.
double sgemm_rate(int m, int n, int k) {
    using Sgemm = void (*)(int, int, int, int, int, int, float, const float*, int, const float*, int, float,
                           float*, int);
    const auto sgemm = reinterpret_cast<Sgemm>(::dlsym(RTLD_DEFAULT, "cblas_sgemm"));
    constexpr int row_major = 101, no_trans = 111, trans = 112;
    const auto a = at::randn({m, k}), b = at::randn({n, k});
    auto c = at::randn({m, n});
    const double begin = cpu_seconds();
    sgemm(row_major, no_trans, trans, m, n, k, 1.0F, a.data_ptr<float>(), k, b.data_ptr<float>(), k, 0.0F,
          c.data_ptr<float>(), n);
    return 2.0 * m * n * k / (cpu_seconds() - begin);
}

/// The attention of one block at 1024 tokens.
double attention_seconds(const at::Tensor& panels) {
    const std::int64_t tokens = 1024, width = 768;
    float* at = panels.data_ptr<float>();
    const auto part = [&](int index) { return at + index * tokens * width; };
    const kernels::TokenAttention attention{.q = part(0),
                                            .k = part(1),
                                            .v = part(2),
                                            .out = part(3),
                                            .stride = static_cast<std::size_t>(width) * kernels::kTokenPanel,
                                            .tokens = static_cast<std::size_t>(tokens),
                                            .head_width = 64,
                                            .heads = 12};
    const double begin = cpu_seconds();
    for (std::size_t panel = 0; panel < 32; panel += 8) kernels::attend_tokens(attention, panel, 8);
    return cpu_seconds() - begin;
}

struct Rounds {
    Best ours, encoder, plain, attention;
    double square = 0, shape = 0;
};

Rounds measure(Tile& tile) {
    Rounds rounds;
    const auto panels = at::randn({4, 1024, 768});
    tile.run();  // Warm: allocations, lazy set-up.
    for (int round = 0; round < kRounds; ++round) {
        for (int i = 0; i < 4; ++i) {
            rounds.square = std::max(rounds.square, sgemm_rate(1024, 1024, 1024));
            rounds.shape = std::max(rounds.shape, sgemm_rate(1024, 768, 768));
            rounds.attention.add(attention_seconds(panels));
        }
        double begin = cpu_seconds();
        tile.run([&](const std::string& name, const at::Tensor&) {
            if (name == "encoder_out") rounds.encoder.add(cpu_seconds() - begin);
        });
        rounds.ours.add(cpu_seconds() - begin);
        begin = cpu_seconds();
        tile.network.forward(tile.image);
        rounds.plain.add(cpu_seconds() - begin);
    }
    return rounds;
}

void compare(const std::string& task) {
    auto network = network_for(task);
    network.use_plain_attention(true);
    Tile tile(network);
    const Rounds best = measure(tile);
    fmt::print("{}: kernels {:.2f} s, plain {:.2f} s, ratio {:.2f}\n", task, best.ours.seconds,
               best.plain.seconds, best.plain.seconds / best.ours.seconds);
    const double sgemm = std::max(best.square, best.shape);
    fmt::print("sgemm: 1024^3 {:.0f}, 1024 x 768 x 768 {:.0f} GFLOP/s\n", best.square / 1e9,
               best.shape / 1e9);
    const double products = 4.0 * 1024 * 1024 * 768;
    fmt::print("attention: {:.1f} ms, {:.2f} of sgemm\n", best.attention.seconds * 1e3,
               products / best.attention.seconds / sgemm);
    if (task == "segmentation")
        fmt::print("encoder: {:.2f} s, {:.0f} GFLOP/s, {:.2f} of sgemm\n", best.encoder.seconds,
                   kEncoderFlops / best.encoder.seconds / 1e9, kEncoderFlops / best.encoder.seconds / sgemm);
}

void measure_threads() {
    auto network = network_for("segmentation");
    Tile tile(network), other(network, tile.inference);
    const run::ThreadBudget budget(2);
    const auto parallel = run::parallel_for();
    const auto alone = tile.run();
    Best one, two, one_cpu, both_cpu;
    for (int round = 0; round < kRounds; ++round) {
        tile.inference.parallel = &kSerial;
        double wall = wall_seconds(), cpu = cpu_seconds();
        tile.run();
        one.add(wall_seconds() - wall);
        one_cpu.add(cpu_seconds() - cpu);
        cpu = cpu_seconds();
        parallel(2, [&](std::int64_t i) { static_cast<void>((i == 0 ? tile : other).run()); });
        both_cpu.add((cpu_seconds() - cpu) / 2);
        tile.inference.parallel = &parallel;
        wall = wall_seconds();
        const bool same = tile.run().equal(alone);
        two.add(wall_seconds() - wall);
        if (!same) fmt::print("two threads give other bytes\n");
    }
    fmt::print("one tile: one thread {:.2f} s, two {:.2f} s, {:.2f} times as fast\n", one.seconds,
               two.seconds, one.seconds / two.seconds);
    fmt::print("two tiles on two threads: {:.2f} s of CPU each, alone {:.2f}, {:.2f} times\n",
               both_cpu.seconds, one_cpu.seconds, both_cpu.seconds / one_cpu.seconds);
}

void measure_bfloat16(bool anyway) {
    if (!kernels::has_bfloat16()) {
        fmt::print("bfloat16: this processor has no AVX512_BF16\n");
        if (!anyway) return;
    }
    auto network = network_for("segmentation");
    const Tile full(network), low(network, networks::gpt::pack_network(network, Precision::bfloat16));
    Best full_seconds, low_seconds;
    const auto add_encoder = [](const Tile& tile, Best& best) {
        const double begin = cpu_seconds();
        tile.run([&](const std::string& name, const at::Tensor&) {
            if (name == "encoder_out") best.add(cpu_seconds() - begin);
        });
    };
    for (int round = 0; round < kRounds; ++round) {
        add_encoder(full, full_seconds);
        add_encoder(low, low_seconds);
    }
    fmt::print("encoder: float32 {:.2f} s, bfloat16 {:.2f} s, {:.2f} times as fast\n", full_seconds.seconds,
               low_seconds.seconds, full_seconds.seconds / low_seconds.seconds);
}

void measure_memory(const std::string& whose, const std::string& task) {
    auto network = network_for(task);
    network.use_plain_attention(true);
    const auto image = image_for(network);
    const auto packed =
        whose == "ours" ? networks::gpt::pack_network(network) : networks::gpt::PackedNetwork();
    const double base = mebibytes("VmRSS:");
    if (packed.blocks)
        Tile(network, packed).run();
    else
        network.forward(image);
    fmt::print("{} {}: {:.0f} MiB above {:.0f}\n", whose, task, mebibytes("VmHWM:") - base, base);
}

int run_benchmark(int count, char** arguments) {
    networks::quiet_libtorch();
    const at::NoGradGuard no_grad;
    const std::vector<std::string> given(arguments + 1, arguments + count);
    fmt::print("{}\n", networks::describe_libtorch());
    if (given.size() == 3 && given[0] == "--memory")
        measure_memory(given[1], given[2]);
    else if (!given.empty() && given[0] == "--threads")
        measure_threads();
    else if (!given.empty() && given[0] == "--bfloat16")
        measure_bfloat16(given.size() > 1);
    else
        for (const auto& task : given.empty() ? std::vector<std::string>{"segmentation"} : given)
            compare(task);
    return 0;
}

}  // namespace
}  // namespace spectile

int main(int count, char** arguments) { return spectile::run_benchmark(count, arguments); }
