#pragma once

#include <map>
#include <string>

#include "spectile/pipeline.hpp"
#include "spectile/run.hpp"

namespace spectile::cli {

/// `--results FILE`: a CSV with a row for each scene of a run and what came of it, which other programs read
/// and the next run goes by.
///
/// Columns: scene, state, status, message, products (separated by ;), valid_pixels, seconds. A row is added
/// when its scene has ended, so a run that is killed loses none; of a scene's rows the last one counts.
class ResultsTable {
public:
    /// Throws Error{Code::read} where the file is there and cannot be read, Error{Code::scene} where it is no
    /// such table.
    explicit ResultsTable(std::string path);

    /// Leaves the scenes of the pipeline that `only` says: new (that the table does not name), failed (that
    /// it says failed) or open (both).
    void choose(const std::string& only, Pipeline& pipeline) const;
    /// Throws Error{Code::write}.
    void add(const SceneOutcome& outcome);
    /// Writes the table anew with one row a scene. Throws Error{Code::write}.
    void close();

private:
    std::string path_;
    std::map<std::string, std::string> states_, rows_;
};

}  // namespace spectile::cli
