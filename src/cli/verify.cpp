#include "products/verify.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

nlohmann::ordered_json json_of(const products::VerifyReport& report) {
    nlohmann::ordered_json document = {{"product", report.product}, {"kind", report.kind},
                                       {"recipe", report.recipe},   {"whole", report.fault.empty()},
                                       {"blocks", report.blocks},   {"bytes", report.bytes},
                                       {"files", report.files}};
    if (!report.notes.empty()) document["notes"] = report.notes;
    if (!report.fault.empty()) document["fault"] = report.fault;
    if (report.bad_block) document["bad_block"] = *report.bad_block;
    if (const auto& window = report.bad_window)
        document["bad_window"] = {window->x, window->y, window->width, window->height};
    return document;
}

}  // namespace

Action declare_verify(CLI::App& app, Console& console) {
    auto product = std::make_shared<std::string>();
    app.add_option("PRODUCT", *product, "A product that spectile wrote")->required()->type_name("FILE");
    return [product, &console] {
        const auto report = products::check_product(*product);
        console.print_json(json_of(report));
        for (const auto& note : report.notes) console.note("note: " + note);
        if (report.fault.empty()) {
            console.print(fmt::format("{}: whole; {} blocks, {} files, {} bytes, recipe {}", report.product,
                                      report.blocks, report.files.size(), report.bytes,
                                      report.recipe.substr(0, 16)));
            return 0;
        }
        // With --json the document is out already: the message alone follows.
        console.fault(report.fault);
        return exit_code(Code::verification);
    };
}

}  // namespace spectile::cli
