#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prepare/match_bands.hpp"
#include "spectile/cube.hpp"
#include "spectile/model.hpp"
#include "spectile/step.hpp"

namespace spectile::prepare {

/// Everything between the reader and the model, in one order:
/// read -> physical units -> the pipeline's steps -> match or resample -> the card's steps -> fill.
///
/// Const and shared by all workers once its statistics are set; a cube belongs to one worker.
class Chain {
public:
    /// A step at its place, with the bands that enter it.
    struct Link {
        std::unique_ptr<Step> step;
        std::string name;
        std::string parameters = "{}";  ///< Canonical JSON.
        bool from_card = false;
        std::string place = {};  ///< "pipeline.yaml:12: standardise", for messages.
        bool ready = true;       ///< False while whole-scene statistics are missing.
        std::vector<BandInfo> entering = {};
    };
    /// The numbers of the card's own standardise step, for the audit.
    struct Standard {
        std::size_t step = 0;
        std::vector<double> mean, standard_deviation;
    };

    /// Bands of the scene to read, from 0, in this order.
    const std::vector<int>& source_bands() const { return source_bands_; }
    /// The bands of `source_bands` as the scene describes them.
    const std::vector<BandInfo>& bands_read() const { return bands_read_; }
    /// The bands that enter the model.
    const std::vector<BandInfo>& bands() const { return bands_; }
    /// Most bands that a cube holds on its way, for memory planning.
    int widest() const;

    /// Prepares a cube that holds `source_bands` as read. Pixels with NaN become invalid, invalid pixels get
    /// the fill value. The identity model's chain without steps changes nothing. Throws Error{Code::internal}
    /// if statistics are missing.
    void apply(Cube& cube) const;

    /// The first step that still waits for statistics of the whole scene; nothing once all are set. What it
    /// waits for is `step(n).needs()`: moments (one pass) or a histogram (moments, then a second pass).
    std::optional<std::size_t> next_statistics_step() const;
    /// Runs the steps before step `n`; what then is in the cube's valid pixels is what the statistics are of.
    void apply_prefix(Cube& cube, std::size_t n) const;
    /// One entry per band that enters step `n`.
    void set_statistics(std::size_t n, const std::vector<BandStatistics>& bands);
    const Step& step(std::size_t n) const { return *links_[n].step; }
    const std::vector<Link>& links() const { return links_; }

    std::optional<Standard> card_standard() const;
    /// Whether a step looks at all of a tile: windows must then be whole tiles.
    bool depends_on_tile() const;

    /// One line per step, with the numbers in use.
    std::vector<std::string> describe() const;
    /// One line per band that enters the model: where it comes from and what happens to it.
    std::vector<std::string> band_table() const;
    /// Canonical JSON of all that decides the prepared values, beside the scene's content; the same before
    /// and after `set_statistics`.
    const std::string& recipe() const { return recipe_; }
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    friend class ChainBuilder;
    void run(Cube& cube, std::size_t count) const;
    std::string recipe_text() const;
    std::string read_line() const;

    std::vector<int> source_bands_;
    std::size_t scene_bands_ = 0;
    std::vector<BandInfo> bands_read_, bands_;
    std::vector<Link> links_;
    std::vector<std::string> folded_;  ///< Selections done by reading fewer bands.
    std::optional<BandMatch> match_;   ///< `source` of its rows: numbers in the scene, from 1; -1 for mixes.
    std::vector<std::string> warnings_;
    std::string recipe_;
    bool untouched_ = false;  ///< Identity without steps.
};

/// Makes the chain of one scene, the pipeline's steps and a model.
///
/// Where every step of the pipeline works on each band alone, only matched bands are read, in the model's
/// order; else all usable bands are read by wavelength, then name, and matching comes after the steps.
/// Physical units are made once, first. The identity model (no bands in its card) gets all bands as they are,
/// raw. Throws Error{Code::definition} for steps, Error{Code::scene} for bands that do not fit the model.
Chain make_chain(const SceneInfo& scene, const std::vector<StepDefinition>& steps, const ModelCard& card);

}  // namespace spectile::prepare
