#pragma once

#include <fstream>
#include <string>

#include "spectile/run.hpp"

namespace spectile::cli {

/// `--status FILE`: one JSON object a line, whole lines only, so that another program can follow a run.
class StatusFile {
public:
    /// Throws Error{Code::publish} where the file cannot be made.
    explicit StatusFile(const std::string& path);
    /// Throws Error{Code::write} where the line does not reach the file.
    void add(const Progress& progress);

private:
    std::string path_;
    std::ofstream out_;
};

}  // namespace spectile::cli
