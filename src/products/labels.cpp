#include "products/labels.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "products/detection_layer.hpp"
#include "products/feature_file.hpp"
#include "products/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

struct LabelColumn {
    const char* name;
    OGRFieldType type;
};

constexpr LabelColumn kLabelColumns[] = {{"id", OFTInteger64},
                                         {"scene", OFTString},
                                         {"tile_col", OFTInteger64},
                                         {"tile_row", OFTInteger64},
                                         {"x", OFTReal},
                                         {"y", OFTReal},
                                         {"lon", OFTReal},
                                         {"lat", OFTReal},
                                         {"area_m2", OFTReal},
                                         {"valid", OFTReal},
                                         {"class", OFTInteger},
                                         {"name", OFTString},
                                         {"score", OFTReal},
                                         {"labels", OFTString},
                                         {"label_count", OFTInteger},
                                         {"read_x", OFTInteger64},
                                         {"read_y", OFTInteger64},
                                         {"read_width", OFTInteger64},
                                         {"read_height", OFTInteger64},
                                         {"units", OFTString}};

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

void make_column(OGRLayer& layer, const std::string& name, OGRFieldType type) {
    OGRFieldDefn field(name.c_str(), type);
    if (layer.CreateField(&field) != OGRERR_NONE)
        throw Error(Code::write, "the column " + name + " cannot be made");
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
    LabelWriter(const ProductDefinition& definition, const ProductContext& context, const LabelFiles& files,
                OGRLayer& layer)
        : context_(context),
          files_(files),
          layer_(layer),
          placing_(files.grid, files.onto),
          columns_(score_columns(context.card)),
          threshold_(static_cast<float>(label_threshold(definition))) {
        for (const auto& column : kLabelColumns) make_column(layer, column.name, column.type);
        for (const auto& column : columns_) make_column(layer, column, OFTReal);
    }

    void add(const LabelTile& tile, const LabelScores& label) {
        OGRFeature row(layer_.GetLayerDefn());
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
        place(row, tile.core);
        if (layer_.CreateFeature(&row) != OGRERR_NONE) throw Error(Code::write, "a label cannot be written");
    }
    std::int64_t written() const { return written_; }

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

    void place(OGRFeature& row, const Window& core) const {
        double x = static_cast<double>(core.x) + static_cast<double>(core.width) / 2,
               y = static_cast<double>(core.y) + static_cast<double>(core.height) / 2;
        placing_.to_crs(x, y);
        auto outline = outline_of(core);
        placing_.to_crs(*outline);
        if (const auto place = placing_.longitude_latitude(x, y)) {
            row.SetField("lon", place->first);
            row.SetField("lat", place->second);
        }
        if (const auto area = placing_.square_metres(*outline)) row.SetField("area_m2", *area);
        OGRPoint centre(x, y);
        placing_.to_layer(centre);
        placing_.to_layer(*outline);
        row.SetField("x", centre.getX());
        row.SetField("y", centre.getY());
        row.SetField("units", placing_.on_ground() ? "crs" : "pixels");
        row.SetGeometryDirectly(outline.release());
    }

    const ProductContext& context_;
    const LabelFiles& files_;
    OGRLayer& layer_;
    GroundPlacing placing_;
    std::vector<std::string> columns_;
    float threshold_;
    std::int64_t written_ = 0;
};

}  // namespace

double label_threshold(const ProductDefinition& definition) {
    const Parameters parameters(definition, {"threshold"});
    const double threshold = parameters.number("threshold").value_or(0.5);
    if (!(threshold >= 0 && threshold < 1)) parameters.refuse("threshold: must be at least 0 and below 1");
    return threshold;
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
    const Parameters parameters(definition, {"threshold"});
    const GroundPlacing placing(files.grid, files.onto);
    FeatureFile file(feature_driver(definition, parameters), files.target, placing.layer_crs());
    LabelWriter writer(definition, context, files, file.layer());
    file.begin();
    for (std::size_t i = 0; i < tiles.tiles.size(); ++i)
        if (!tiles.labels[i].scores.empty()) writer.add(tiles.tiles[i], tiles.labels[i]);
    file.close();
    return writer.written();
}

}  // namespace spectile::products
