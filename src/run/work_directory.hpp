#pragma once

#include <string>

#include "run/job.hpp"
#include "run/recipe.hpp"
#include "spectile/error.hpp"

namespace spectile::run {

/// A work directory holds finished parts of another run: what changed is named.
class OtherRun : public Error {
public:
    using Error::Error;
};

/// Where finished parts lie until they are published, and what they belong to.
///
/// `run.json` holds the run's components (recipe, parts, product paths). Another run is refused, naming what
/// changed, unless `--restart` throws the parts away.
class WorkDirectory {
public:
    /// `--work`, else .NAME.spectile beside the first product.
    static std::string path_for(const Job& job, const RunOptions& options);

    /// Makes or re-opens the folder. Throws Error{Code::definition} naming what changed, Error{Code::device}
    /// where only the instruction level differs, Error{Code::write} or Error{Code::permission} if it cannot
    /// be made.
    WorkDirectory(std::string path, const Job& job, const Recipe& recipe, bool restart);

    /// Of the renames that publish a run whose work directory is `path`.
    static std::string journal_in(const std::string& path) { return path + "/publish.json"; }
    void remove() const;
    /// Removes what a run of this job left behind that was cut off after its products were published.
    static void tidy(const std::string& path, const Job& job, const Recipe& recipe);

private:
    std::string path_;
};

}  // namespace spectile::run
