#include "run/seams.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <sstream>

#include "cli/declare.hpp"
#include "cli/known.hpp"
#include "cli/process.hpp"
#include "cli/run_flags.hpp"
#include "core/text_file.hpp"
#include "pipeline/model_card.hpp"
#include "pipeline/one_line.hpp"
#include "products/durable_file.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct SeamsArguments {
    std::string model, scene;
    bool store = false;
    RunFlags flags;
};

/// A folder of this process, gone with it.
class TemporaryFolder {
public:
    TemporaryFolder()
        : path_(products::temporary_name((fs::temp_directory_path() / "spectile-seams").string())) {
        std::error_code failure;
        if (!fs::create_directories(path_, failure))
            throw Error(Code::write, path_ + ": cannot be made; set TMPDIR", failure.message());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// The card's text with its line of `seams` replaced, or added; all else stays as its author wrote it.
std::string with_seams(const std::string& card, const std::string& value) {
    std::istringstream lines(card);
    std::string line, out;
    bool within = false;
    while (std::getline(lines, line)) {
        const bool continues = line.empty() || line.front() == ' ' || line.front() == '\t';
        within = line.starts_with("seams:") || (within && continues);
        if (!within) out += line + "\n";
    }
    return out + "seams: " + value + "\n";
}

std::string figures(const Json& part) {
    return fmt::format("mean {:.3g}, largest {:.3g}, changed {} of {} pixels", part["mean"].get<double>(),
                       part["largest"].get<double>(), part["changed"].get<std::int64_t>(),
                       part["pixels"].get<std::int64_t>());
}

Pipeline pipeline_of(const SeamsArguments& arguments, const ModelCard& card, const std::string& folder) {
    OneLine line;
    line.task = card.task;
    line.model = arguments.model;
    line.scenes = {arguments.scene};
    line.output = folder + "/tiled.tif";
    Pipeline pipeline = one_line(line, arguments.flags.settings, known_names());
    apply_run_flags(arguments.flags, pipeline);
    return pipeline;
}

}  // namespace

Action declare_seams(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<SeamsArguments>();
    app.add_option("MODEL", arguments->model, "Model folder")->required()->type_name("DIR");
    app.add_option("SCENE", arguments->scene, "A scene of more than one tile")->required()->type_name("NAME");
    app.add_flag("--store", arguments->store,
                 "Write the figures into the model's card, where `info` shows them");
    declare_run_flags(app, arguments->flags);
    return [arguments, &console] {
        const auto card = read_model_card(arguments->model, known_names());
        const TemporaryFolder folder;
        const auto options = run_options(arguments->flags, console);
        listen_for_signals(options.grace_s);
        const auto seams =
            run::measure_seams(pipeline_of(*arguments, card, folder.path()), options, folder.path());
        Json document = seams.json();
        document["scene"] = fs::path(seams.scene).filename().string();
        if (arguments->store)
            write_text_file(card.file, with_seams(read_text_file(card.file), document.dump()));
        console.print_json(document);
        console.print(
            fmt::format("{}: {} x {} pixels, tiles of {}, halo {}, blend {}\nall     {}\nseams   {}",
                        document["scene"].get<std::string>(), seams.width, seams.height, seams.tile,
                        seams.halo, seams.blend, figures(document["all"]), figures(document["near"])));
        return 0;
    };
}

}  // namespace spectile::cli
