#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>

#include "cli/declare.hpp"
#include "cluster/run_status.hpp"

namespace spectile::cli {

Action declare_status(CLI::App& app, Console& console) {
    auto work = std::make_shared<std::string>();
    app.add_option("WORKDIR", *work, "Work directory of the run")->required()->type_name("DIR");
    return [work, &console] {
        const auto status = cluster::look_at_run(*work, std::time(nullptr));
        console.print(cluster::text_of(status));
        console.print_json(cluster::to_json(status));
        return 0;
    };
}

}  // namespace spectile::cli
