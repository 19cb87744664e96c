#include "cli/status_file.hpp"

#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::cli {

StatusFile::StatusFile(const std::string& path) : path_(path), out_(path, std::ios::trunc) {
    if (!out_) throw Error(Code::publish, path + ": the status file cannot be created; is the folder there?");
}

void StatusFile::add(const Progress& progress) {
    const nlohmann::ordered_json line = {{"stage", progress.stage},
                                         {"done", progress.done},
                                         {"total", progress.total},
                                         {"pixels", progress.pixels},
                                         {"seconds", progress.seconds}};
    out_ << line.dump() + "\n" << std::flush;
    if (!out_) throw Error(Code::write, path_ + ": the status file cannot be written; is the disk full?");
}

}  // namespace spectile::cli
