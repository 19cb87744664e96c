#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "cli/known.hpp"
#include "cli/process.hpp"
#include "run/convert_checkpoint.hpp"
#include "run/import_model.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

using checkpoints::Checkpoint;
using Json = nlohmann::ordered_json;

/// Smaller files are converted before a bar could be read.
constexpr std::uint64_t kLargeBytes = 64U << 20;

struct ConvertArguments {
    run::ConvertOptions options;
    std::vector<std::string> allowed;
    bool list = false;
};

void declare_arguments(CLI::App& app, ConvertArguments& arguments) {
    auto& options = arguments.options;
    app.add_option("CHECKPOINT", options.checkpoint,
                   "A file that torch.save wrote (.pth, .pt), or a model's STAC item (.json)")
        ->required();
    app.add_option("-o,--output", options.output, "Model folder to write")->type_name("MODEL");
    app.add_option("--architecture", options.architecture, "Whose weights they are; see spectile models")
        ->type_name("NAME");
    app.add_option("--set", options.settings,
                   "Any key of the model card, as parameters.tile=256; may be repeated")
        ->type_name("KEY.PATH=VALUE")
        ->allow_extra_args(false);
    app.add_option("--expect", options.expect,
                   "Names and shapes to expect, JSON or safetensors; else what the architecture reads")
        ->type_name("FILE");
    app.add_option(
           "--from", options.from,
           "Dictionary in the checkpoint, keys joined by dots; else model, state_dict or the top level")
        ->type_name("KEY");
    app.add_option("--allow", arguments.allowed,
                   "What may differ: missing, unexpected or misshapen keys; such tensors are left out")
        ->type_name("WHAT,...")
        ->delimiter(',')
        ->check(CLI::IsMember({"missing", "unexpected", "misshapen"}));
    app.add_flag("--overwrite", options.overwrite, "Replace a model that is there");
    app.add_flag("--list", arguments.list, "Print keys, shapes and types of the checkpoint; write nothing");
}

void list_checkpoint(const ConvertArguments& arguments, const Console& console) {
    const auto checkpoint = Checkpoint::open(arguments.options.checkpoint, arguments.options.from);
    Json document = {{"checkpoint", checkpoint.name()}, {"container", checkpoint.container()},
                     {"wrapper", checkpoint.wrapper()}, {"facts", Json::object()},
                     {"tensors", Json::array()},        {"others", Json::object()}};
    for (const auto& [name, value] : checkpoint.facts()) document["facts"][name] = Json::parse(value);
    std::uint64_t elements = 0;
    for (const auto& key : checkpoint.keys()) {
        // Keys are shown escaped, since they come from the file and the terminal obeys what it is sent.
        const auto shown = checkpoints::in_quotes(key);
        if (const auto other = checkpoint.others().find(key); other != checkpoint.others().end()) {
            document["others"][key] = other->second;
            console.print(fmt::format("{}  {}, not a tensor", shown, other->second));
            continue;
        }
        const auto& tensor = checkpoint.tensors().at(key);
        elements += tensor.elements();
        const auto type = weights::name_of(tensor.type);
        document["tensors"].push_back({{"key", key}, {"dtype", type}, {"shape", tensor.shape}});
        console.print(fmt::format("{}  {}  {}", shown, type, weights::shape_text(tensor.shape)));
    }
    for (const auto& [name, value] : checkpoint.facts())
        if (!name.starts_with("args."))
            console.print(fmt::format("{}: {}", checkpoints::in_quotes(name), value));
    console.print(fmt::format("{} tensors, {} elements", checkpoint.tensors().size(), elements));
    console.print_json(document);
}

Json json_of(const run::ConvertOptions& options, const run::ConvertReport& report) {
    Json misshapen = Json::array();
    for (const auto& misfit : report.keys.misshapen)
        misshapen.push_back({{"key", misfit.key}, {"found", misfit.found}, {"expected", misfit.expected}});
    return {{"model", options.output},
            {"weights_sha256", report.weights_sha256},
            {"bytes", report.bytes},
            {"taken", report.keys.taken.size()},
            {"left_out", report.keys.left_out},
            {"missing", report.keys.missing},
            {"unexpected", report.keys.unexpected},
            {"misshapen", misshapen}};
}

void report_conversion(const run::ConvertOptions& options, const run::ConvertReport& report,
                       Console& console) {
    const auto& keys = report.keys;
    const auto warn = [&](const char* what, std::size_t count) {
        if (count > 0) console.note(fmt::format("warning: {} keys are {}; --json lists them", count, what));
    };
    warn("missing, and their tensors are not in the model", keys.missing.size());
    warn("unexpected, and were left out", keys.unexpected.size());
    warn("misshapen, and were left out", keys.misshapen.size());
    console.print_json(json_of(options, report));
    console.print(fmt::format("{}: {} tensors, {} bytes, {} keys that the network never reads left out",
                              options.output, keys.taken.size(), report.bytes, keys.left_out.size()));
}

bool is_item(const std::string& name) { return name.ends_with(".json") || name.ends_with(".geojson"); }

/// An item says itself what its weights are; what is for checkpoints would be passed over in silence.
void import_item(const ConvertArguments& arguments, const Console& console) {
    const auto& options = arguments.options;
    for (const auto& [name, given] : {std::pair("--architecture", !options.architecture.empty()),
                                      {"--expect", !options.expect.empty()},
                                      {"--from", !options.from.empty()},
                                      {"--allow", !arguments.allowed.empty()},
                                      {"--list", arguments.list}})
        if (given)
            throw Error(Code::usage,
                        options.checkpoint + ": " + name + " is for checkpoints, not for a STAC item");
    if (options.output.empty()) throw Error(Code::usage, "--output MODEL is missing");
    const auto report = run::import_model({.item = options.checkpoint,
                                           .output = options.output,
                                           .settings = options.settings,
                                           .overwrite = options.overwrite,
                                           .known = known_names()});
    console.print_json({{"model", options.output},
                        {"name", report.name},
                        {"architecture", report.architecture},
                        {"weights_sha256", report.weights_sha256},
                        {"bytes", report.bytes}});
    console.print(fmt::format("{}: {} ({}), {} bytes copied", options.output, report.name,
                              report.architecture, report.bytes));
}

}  // namespace

Action declare_convert(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<ConvertArguments>();
    declare_arguments(app, *arguments);
    return [arguments, &console] {
        if (is_item(arguments->options.checkpoint)) return import_item(*arguments, console), 0;
        if (arguments->list) return list_checkpoint(*arguments, console), 0;
        auto options = arguments->options;
        for (const auto& [name, value] : {std::pair("--output MODEL", options.output),
                                          std::pair("--architecture NAME", options.architecture)})
            if (value.empty())
                throw Error(Code::usage, std::string(name) + " is missing; --list only prints what there is");
        options.allowed.insert(arguments->allowed.begin(), arguments->allowed.end());
        options.known = known_names();
        options.stop = &stop_flag();
        options.progress = [&console](const Progress& progress) {
            if (static_cast<std::uint64_t>(progress.total) >= kLargeBytes) console.progress(progress);
        };
        listen_for_signals();
        report_conversion(options, run::convert_checkpoint(options), console);
        return 0;
    };
}

}  // namespace spectile::cli
