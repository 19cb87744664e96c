#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "cli/instructions.hpp"
#include "cli/known.hpp"
#include "cli/machine_flags.hpp"
#include "cli/process.hpp"
#include "cli/run_flags.hpp"
#include "cli/training_page.hpp"
#include "cli/training_text.hpp"
#include "cluster/processes.hpp"
#include "core/text_file.hpp"
#include "pipeline/read_training.hpp"
#include "run/machine.hpp"
#include "run/parallel.hpp"
#include "spectile/module.hpp"

namespace spectile::cli {
namespace {

namespace fs = std::filesystem;

struct TrainArguments {
    std::string definition, grace;
    std::vector<std::string> settings;
    bool distributed = false;
    TrainingOptions options;
};

/// Beside the model to be, as a run's work directory lies beside its first product.
std::string work_beside(const std::string& model) {
    const fs::path path = fs::path(model).lexically_normal();
    const fs::path folder = path.has_filename() ? path : path.parent_path();
    return (folder.parent_path() / ("." + folder.filename().string() + ".spectile")).string();
}

void declare_training_options(CLI::App& app, TrainArguments& arguments) {
    auto& options = arguments.options;
    options.threads = 0;
    app.add_option("TRAINING", arguments.definition, "Training definition (YAML)")
        ->required()
        ->type_name("FILE");
    app.add_option("--set", arguments.settings, "Any key of the definition; may be repeated")
        ->type_name("KEY.PATH=VALUE")
        ->allow_extra_args(false);
    app.add_option("--work", options.work, "Folder of the checkpoints; else .NAME.spectile beside the model")
        ->type_name("DIR");
    declare_threads(app, options.threads);
    declare_device(app, options.device, "cpu, cuda, cuda:N or auto; of --distributed processes each its own");
    app.add_flag("--distributed", arguments.distributed,
                 "Of a pretraining: be one of the processes that srun started, or that RANK, WORLD_SIZE, "
                 "MASTER_ADDR and MASTER_PORT tell of");
    app.add_option("--folds", options.only_folds, "Of a cross-validation: only these folds, from 0")
        ->type_name("N,N,...")
        ->delimiter(',');
    app.add_flag("--no-test", options.leave_test,
                 "Leave the test pixels unread: for choosing a recipe on the validation pixels");
    app.add_flag("--restart", options.restart, "Throw earlier checkpoints away");
    app.add_flag("--overwrite", options.overwrite, "Replace a model that is there");
    app.add_option("--grace", arguments.grace,
                   "How long after a signal to wait for the step in flight; else as long as it takes")
        ->type_name("TIME");
    declare_instructions(app);
}

void show_progress(const TrainingProgress& progress, Console& console) {
    if (!progress.measures.empty()) {
        console.note(fmt::format("epoch {:>4} of {}  loss {:.4f}  {}  {:.0f} s", progress.epoch,
                                 progress.epochs, progress.loss, progress.measures, progress.seconds));
        return;
    }
    const std::string fold = progress.fold >= 0 ? fmt::format("fold {}  ", progress.fold) : "";
    const std::string validation =
        progress.validation_average > 0
            ? fmt::format("validation {:.3f} (classes {:.3f})", progress.validation_accuracy,
                          progress.validation_average)
            : "not validated";
    console.note(fmt::format("{}seed {}  epoch {:>4} of {}  loss {:.4f}  training {:.3f}  {}  {:.0f} s", fold,
                             progress.seed, progress.epoch, progress.epochs, progress.loss,
                             progress.training_accuracy, validation, progress.seconds));
}

/// What a model to fine-tune gave, for the user to see.
void show_start(const nlohmann::ordered_json& record, Console& console) {
    const auto& said = record.at("training");
    if (!said.contains("start")) return;
    const auto& start = said.at("start");
    std::string fresh;
    for (const auto& name : start.at("new")) fresh += (fresh.empty() ? "" : ", ") + name.get<std::string>();
    console.note(fmt::format("from {}: {} tensors taken, {}", start.at("model").get<std::string>(),
                             start.at("taken").size(), fresh.empty() ? "none new" : "new: " + fresh));
}

/// Writes a cross-validation's figures, since no model carries them.
void write_figures(const Training& training, const std::string& accuracy, const std::string& text) {
    fs::create_directories(training.output);
    write_text_file((fs::path(training.output) / "accuracy.txt").string(), text);
    write_text_file((fs::path(training.output) / "accuracy.json").string(), accuracy + "\n");
}

/// Figures of detections are few, and read as they are.
int report_detector(const Training& training, const TrainingResult& result, Console& console) {
    const auto accuracy = nlohmann::ordered_json::parse(result.accuracy);
    console.print_json({{"model", training.output}, {"accuracy", accuracy}});
    console.print(accuracy.dump(2) + "\n" + training.output);
    return 0;
}

/// A pretraining has losses and a page, and no accuracy.
int report_pretraining(const Training& training, const TrainingResult& result, Console& console) {
    for (const auto& warning : result.warnings) console.note("warning: " + warning);
    write_text_file((fs::path(training.output) / "report.html").string(), training_page(training, result));
    const auto losses = nlohmann::ordered_json::parse(result.accuracy);
    console.print_json({{"model", training.output}, {"losses", losses}});
    console.print(losses.dump(2) + "\n" + training.output);
    return 0;
}

int report_training(const Training& training, const TrainingResult& result, Console& console) {
    if (result.elsewhere) return 0;
    if (training.targets) return report_detector(training, result, console);
    if (training.pretraining) return report_pretraining(training, result, console);
    for (const auto& warning : result.warnings) console.note("warning: " + warning);
    const auto accuracy = nlohmann::ordered_json::parse(result.accuracy);
    const auto record = nlohmann::ordered_json::parse(result.record);
    show_start(record, console);
    const auto text = training_text(accuracy);
    const bool folds = training.split.is_cross_validation();
    if (folds) write_figures(training, result.accuracy, text);
    write_text_file((fs::path(training.output) / "report.html").string(), training_page(training, result));
    console.print_json({{folds ? "result" : "model", training.output}, {"accuracy", accuracy}});
    console.print(text + training.output);
    return 0;
}

}  // namespace

Action declare_train(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<TrainArguments>();
    declare_training_options(app, *arguments);
    return [arguments, &console] {
        const double grace_s = arguments->grace.empty() ? 0 : parse_duration("--grace", arguments->grace);
        const Training training = read_training(arguments->definition, arguments->settings, known_names());
        TrainingOptions options = arguments->options;
        if (options.threads == 0) options.threads = run::available_threads();
        if (options.work.empty()) options.work = work_beside(training.output);
        if (arguments->distributed)
            options.processes =
                cluster::processes_of([](const char* name) -> const char* { return std::getenv(name); });
        options.stop = [] { return stop_flag().load() != 0; };
        options.progress = [&console](const TrainingProgress& progress) { show_progress(progress, console); };
        const run::ThreadBudget budget(options.threads);
        options.parallel = run::parallel_for();
        listen_for_signals(grace_s);
        return report_training(training, network_module().train(training, options), console);
    };
}

}  // namespace spectile::cli
