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

/// Where a list of images lies, and how they are read.
struct IndexSource {
    std::string file;                 ///< CSV, STAC item collection (.json), or a folder of labelled images.
    std::vector<std::string> assets;  ///< Of STAC items.
    SceneDefinition reading;          ///< Of every image; without paths.
    bool labelled = false;            ///< There is a column `label`, and entries that test are kept.
};

/// One image of an index.
struct IndexEntry {
    SceneDefinition scene;
    std::optional<Window> window;  ///< The part of it that may be used.
    std::string label, place;      ///< As they stand there.
    bool has_role = false;         ///< Whether the list says so itself.
};

/// Figures of an index as a whole.
struct IndexSummary {
    std::string file;                                            ///< Its name, without the folder.
    std::string sha256;                                          ///< Of its text.
    std::uint64_t training = 0, validation = 0, left_aside = 0;  ///< Entries by role.
    std::string first_date, last_date;                           ///< Of entries that have one.
};

/// The images that a pretraining, or a classifier of images, learns from: a list that may have millions of
/// entries.
///
/// Of an entry eight bytes are held, where its line begins (as often as it gives crops in an epoch); its line
/// is read again whenever it is asked for. Any thread may ask.
class SceneIndex {
public:
    /// Reads the list once and checks every line. Throws Error{Code::definition} naming file and line,
    /// Error{Code::missing}, Error{Code::read}.
    static SceneIndex open(const PretrainingDefinition& definition);
    /// The same for any list. A labelled one has each entry once, whatever its column `crops` says.
    static SceneIndex open(const IndexSource& source);

    /// Crops of an epoch; role training or validation, or of a labelled list test.
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
        return role == Role::test ? test_ : role == Role::validation ? validation_ : training_;
    }

    std::shared_ptr<const IndexText> text_;
    std::map<std::string, std::size_t> columns_;
    std::string folder_;
    SceneDefinition reading_;
    bool labelled_ = false;
    std::vector<std::uint64_t> training_, validation_, test_;
    IndexSummary summary_;
};

}  // namespace spectile::training
