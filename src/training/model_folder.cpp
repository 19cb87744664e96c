#include "training/model_folder.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "core/text_file.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/weight_files.hpp"
#include "models/selftest.hpp"
#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"
#include "training/optimiser.hpp"

namespace spectile::training {
namespace {

namespace fs = std::filesystem;
constexpr float kTolerance =
    1e-4F;  // Of probabilities: summation order and approximations of exp stay far below.
constexpr std::size_t kMostWindows = 12;

/// A row of windows side by side, [bands, window, count * window], one sample of each class.
struct SelfTest {
    std::vector<float> input;
    std::int64_t bands = 0, rows = 0, cols = 0;
};

SelfTest input_of(const Dataset& data) {
    std::vector<const Sample*> chosen;
    for (std::size_t target = 0; target < std::min(data.classes.size(), kMostWindows); ++target)
        for (const auto& sample : data.samples)
            if (sample.target == static_cast<int>(target)) {
                chosen.push_back(&sample);
                break;
            }
    const std::int64_t window = data.window;
    SelfTest test{.input = {},
                  .bands = data.bands,
                  .rows = window,
                  .cols = window * static_cast<std::int64_t>(chosen.size())};
    test.input.resize(static_cast<std::size_t>(test.bands * test.rows * test.cols));
    std::vector<float> patch(data.patch_size());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        data.cut(*chosen[i], patch);
        for (std::int64_t line = 0; line < test.bands * test.rows; ++line)
            std::copy_n(patch.begin() + line * window, window,
                        test.input.begin() + line * test.cols + static_cast<std::int64_t>(i) * window);
    }
    return test;
}

/// Class probabilities of every window of the row: [classes, 1, cols - window + 1].
std::vector<float> output_of(networks::Network& network, const SelfTest& test, std::size_t classes) {
    const at::AutoGradMode no_gradients(false);
    const std::int64_t positions = test.cols - test.rows + 1;
    at::Tensor windows = at::empty({positions, test.bands, test.rows, test.rows}, at::kFloat);
    float* to = values_of(windows).data();
    for (std::int64_t position = 0; position < positions; ++position)
        for (std::int64_t line = 0; line < test.bands * test.rows; ++line, to += test.rows)
            std::copy_n(test.input.begin() + line * test.cols + position, test.rows, to);
    const at::Tensor logits = network.forward(windows).contiguous();
    const auto values = values_of(logits);
    std::vector<float> output(values.size());
    for (std::int64_t position = 0; position < positions; ++position) {
        const auto row = values.subspan(static_cast<std::size_t>(position) * classes, classes);
        const double highest = *std::max_element(row.begin(), row.end());
        double sum = 0;
        for (const float logit : row) sum += std::exp(logit - highest);
        for (std::size_t c = 0; c < classes; ++c)
            output[c * static_cast<std::size_t>(positions) + static_cast<std::size_t>(position)] =
                static_cast<float>(std::exp(row[c] - highest) / sum);
    }
    return output;
}

weights::TensorView view_of(const std::vector<float>& values, std::vector<std::int64_t> shape) {
    return {.dtype = weights::ElementType::F32,
            .shape = std::move(shape),
            .data = std::as_bytes(std::span(values))};
}

void write_selftest(const std::string& path, networks::Network& network, const Dataset& data) {
    const SelfTest test = input_of(data);
    const auto output = output_of(network, test, data.classes.size());
    const std::vector<float> tolerance = {kTolerance};
    weights::write_safetensors(path,
                               {{"input", view_of(test.input, {test.bands, test.rows, test.cols})},
                                {"output", view_of(output, {static_cast<std::int64_t>(data.classes.size()), 1,
                                                            test.cols - test.rows + 1})},
                                {"tolerance", view_of(tolerance, {1})}},
                               {});
}

/// Loads the folder as a run will and runs its self-test.
void verify(const std::string& folder) {
    const ModelCard card = read_model_card(folder);
    run_selftest(card, *networks::network_entry(card.architecture).load(card, "cpu"));
}

void move_into_place(const fs::path& staging, const fs::path& output) {
    try {
        if (!fs::exists(output)) return fs::rename(staging, output);
        // The card names the hash of its weights, so a folder that is cut off between the two renames is
        // noticed.
        for (const auto& file : fs::directory_iterator(staging))
            if (file.path().filename() != "model.yaml")
                fs::rename(file.path(), output / file.path().filename());
        fs::rename(staging / "model.yaml", output / "model.yaml");
        fs::remove_all(staging);
    } catch (const fs::filesystem_error& e) {
        throw Error(Code::publish,
                    fmt::format("{}: the model folder cannot be written; it is finished under {}",
                                output.string(), staging.string()),
                    e.what());
    }
}

}  // namespace

void write_model_folder(const std::string& output, ModelCard card, const FinishedModel& model) {
    FinishedNetwork finished{
        model.network, [&](const std::string& path) { write_selftest(path, model.network, model.data); },
        model.files};
    write_model_folder(output, std::move(card), finished);
}

void write_model_folder(const std::string& output, ModelCard card, const FinishedNetwork& model) {
    const fs::path staging = output + ".partial";
    std::error_code failed;
    fs::remove_all(staging, failed);
    fs::create_directories(staging, failed);
    if (failed)
        throw Error(Code::publish,
                    fmt::format("{}: cannot be made; check the folder above it", staging.string()),
                    failed.message());
    model.network.train(false);
    card.folder = staging.string();
    card.file = (staging / "model.yaml").string();
    card.weights = (staging / "weights.safetensors").string();
    if (model.write_selftest) card.selftest = (staging / "selftest.safetensors").string();
    networks::save_weights(card.weights, model.network,
                           {{"config", nlohmann::json::parse(card.parameters).dump()}});
    card.weights_sha256 = sha256_of_file(card.weights);
    if (model.write_selftest) model.write_selftest(card.selftest);
    for (const auto& [name, text] : model.files) write_text_file((staging / name).string(), text);
    write_text_file(card.file, write_model_card(card));
    if (model.check)
        model.check(read_model_card(card.folder));
    else
        verify(card.folder);
    move_into_place(staging, output);
}

}  // namespace spectile::training
