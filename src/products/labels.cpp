#include "products/labels.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "products/feature_file.hpp"
#include "products/ground_placing.hpp"
#include "products/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr std::array kLabelColumns = {FeatureColumn{"id", OFTInteger64},
                                      FeatureColumn{"scene", OFTString},
                                      FeatureColumn{"tile_col", OFTInteger64},
                                      FeatureColumn{"tile_row", OFTInteger64},
                                      FeatureColumn{"x", OFTReal},
                                      FeatureColumn{"y", OFTReal},
                                      FeatureColumn{"lon", OFTReal},
                                      FeatureColumn{"lat", OFTReal},
                                      FeatureColumn{"area_m2", OFTReal},
                                      FeatureColumn{"valid", OFTReal},
                                      FeatureColumn{"class", OFTInteger},
                                      FeatureColumn{"name", OFTString},
                                      FeatureColumn{"score", OFTReal},
                                      FeatureColumn{"labels", OFTString},
                                      FeatureColumn{"label_count", OFTInteger},
                                      FeatureColumn{"read_x", OFTInteger64},
                                      FeatureColumn{"read_y", OFTInteger64},
                                      FeatureColumn{"read_width", OFTInteger64},
                                      FeatureColumn{"read_height", OFTInteger64},
                                      FeatureColumn{"units", OFTString}};

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// "score_NAME" by class; a name that another one has too gets the class's value. SQL tells no case apart.
std::vector<std::string> score_columns(const ModelCard& card) {
    std::vector<std::string> names;
    std::set<std::string> taken;
    for (const auto& item : card.classes) {
        std::string name = "score_" + item.name;
        if (!taken.insert(lower_case(name)).second) {
            name += "_" + std::to_string(item.value);
            taken.insert(lower_case(name));
        }
        names.push_back(name);
    }
    return names;
}

std::unique_ptr<OGRGeometry> outline_of(const Window& w) {
    auto ring = std::make_unique<OGRLinearRing>();
    const auto left = static_cast<double>(w.x), top = static_cast<double>(w.y),
               right = static_cast<double>(w.right()), bottom = static_cast<double>(w.bottom());
    for (const auto& [x, y] :
         {std::pair{left, top}, {left, bottom}, {right, bottom}, {right, top}, {left, top}})
        ring->addPoint(x, y);
    ring->flattenTo2D();
    auto polygon = std::make_unique<OGRPolygon>();
    polygon->addRingDirectly(ring.release());
    auto all = std::make_unique<OGRMultiPolygon>();
    all->addGeometryDirectly(polygon.release());
    return all;
}

class LabelWriter {
public:
    LabelWriter(const ProductDefinition& definition, const ProductContext& context, const LabelFiles& files)
        : context_(context),
          files_(files),
          placing_(files.grid, files.onto),
          file_(feature_driver(definition, Parameters(definition, {"threshold"})), files.target,
                placing_.layer_crs()),
          columns_(score_columns(context.card)),
          threshold_(static_cast<float>(label_threshold(definition))) {
        file_.make_columns(kLabelColumns);
        for (const auto& column : columns_) file_.make_column(OGRFieldDefn(column.c_str(), OFTReal));
        file_.begin();
    }

    void add(const LabelTile& tile, const LabelScores& label) {
        OGRFeature row = file_.new_row();
        row.SetField("id", static_cast<GIntBig>(++written_));
        row.SetField("scene", files_.scene.c_str());
        row.SetField("tile_col", static_cast<GIntBig>(tile.col));
        row.SetField("tile_row", static_cast<GIntBig>(tile.row));
        row.SetField("read_x", static_cast<GIntBig>(tile.read.x));
        row.SetField("read_y", static_cast<GIntBig>(tile.read.y));
        row.SetField("read_width", static_cast<GIntBig>(tile.read.width));
        row.SetField("read_height", static_cast<GIntBig>(tile.read.height));
        row.SetField("valid", static_cast<double>(label.valid) / static_cast<double>(tile.core.area()));
        fill_labels(row, label);
        const auto& core = tile.core;
        placing_.place(row, outline_of(core),
                       static_cast<double>(core.x) + static_cast<double>(core.width) / 2,
                       static_cast<double>(core.y) + static_cast<double>(core.height) / 2);
        file_.add(row);
    }

    /// Returns how many labels there are.
    std::int64_t close() {
        file_.close();
        return written_;
    }

private:
    void fill_labels(OGRFeature& row, const LabelScores& label) const {
        const auto& classes = context_.card.classes;
        const auto best = label.best();
        row.SetField("class", classes[best].value);
        row.SetField("name", classes[best].name.c_str());
        row.SetField("score", label.scores[best]);
        std::string names;
        int count = 0;
        for (std::size_t c = 0; c < classes.size(); ++c) {
            row.SetField(columns_[c].c_str(), label.scores[c]);
            const bool there = context_.traits.multi_label ? label.scores[c] > threshold_ : c == best;
            if (!there) continue;
            names += (count++ > 0 ? "; " : "") + classes[c].name;
        }
        row.SetField("labels", names.c_str());
        row.SetField("label_count", count);
    }

    const ProductContext& context_;
    const LabelFiles& files_;
    GroundPlacing placing_;
    FeatureFile file_;
    std::vector<std::string> columns_;
    float threshold_;
    std::int64_t written_ = 0;
};

}  // namespace

double label_threshold(const ProductDefinition& definition) {
    return Parameters(definition, {"threshold"}).threshold();
}

void check_labels(const ProductDefinition& definition, const ProductContext& context) {
    const Parameters parameters(definition, {"threshold"});
    if (context.traits.task != Task::labels)
        parameters.refuse("this model does not label whole tiles; use 'class_map'");
    if (static_cast<int>(context.card.classes.size()) != context.traits.channels)
        parameters.refuse("the model has " + std::to_string(context.traits.channels) +
                          " outputs and its card names " + std::to_string(context.card.classes.size()) +
                          " classes; labels need one class per output");
    label_threshold(definition);
    feature_driver(definition, parameters);
}

std::int64_t write_labels(const ProductDefinition& definition, const ProductContext& context,
                          const LabelledTiles& tiles, const LabelFiles& files) {
    LabelWriter writer(definition, context, files);
    for (std::size_t i = 0; i < tiles.tiles.size(); ++i)
        if (!tiles.labels[i].scores.empty()) writer.add(tiles.tiles[i], tiles.labels[i]);
    return writer.close();
}

}  // namespace spectile::products
