#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spectile/pipeline.hpp"
#include "spectile/pretraining.hpp"
#include "training/index_text.hpp"
#include "training/split.hpp"

namespace spectile::training {

/// One image of an index.
struct IndexEntry {
    SceneDefinition scene;
    std::optional<Window> window;  ///< The part of it that may be used.
};

/// Figures of an index as a whole.
struct IndexSummary {
    std::string file;                                            ///< Its name, without the folder.
    std::string sha256;                                          ///< Of its text.
    std::uint64_t training = 0, validation = 0, left_aside = 0;  ///< Entries by role.
    std::string first_date, last_date;                           ///< Of entries that have one.
};

/// The images that a pretraining learns from: a list that may have millions of entries.
///
/// Of an entry eight bytes are held, where its line begins (as often as it gives crops in an epoch); its line
/// is read again whenever it is asked for. Any thread may ask.
class SceneIndex {
public:
    /// Reads the list once and checks every line. Throws Error{Code::definition} naming file and line,
    /// Error{Code::missing}, Error{Code::read}.
    static SceneIndex open(const PretrainingDefinition& definition);

    /// Crops of an epoch; role training or validation.
    std::uint64_t size(Role role) const { return places_of(role).size(); }
    /// What crop `n` is cut from. Throws Error{Code::read} if the list cannot be read any more.
    IndexEntry entry(Role role, std::uint64_t n) const;
    /// The same number for all crops of one entry.
    std::uint64_t place(Role role, std::uint64_t n) const { return places_of(role)[n]; }
    /// "scenes.csv:17", for messages.
    std::string where(std::uint64_t place) const { return text_->where(place); }
    const IndexSummary& summary() const { return summary_; }

private:
    class Builder;
    const std::vector<std::uint64_t>& places_of(Role role) const {
        return role == Role::validation ? validation_ : training_;
    }

    std::shared_ptr<const IndexText> text_;
    std::map<std::string, std::size_t> columns_;
    std::string folder_;
    std::vector<int> bands_;
    std::vector<std::uint64_t> training_, validation_;
    IndexSummary summary_;
};

}  // namespace spectile::training
