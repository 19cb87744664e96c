#include "products/qgis_style.hpp"

#include <cpl_conv.h>
#include <cpl_minixml.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "core/text_file.hpp"
#include "products/quicklook.hpp"

namespace spectile::products {
namespace {

namespace fs = std::filesystem;

/// QGIS drops comments when it saves a style: what still has this one was never edited.
constexpr const char* kMark = "made by spectile; it is replaced with the product until it is saved from QGIS";
constexpr const char* kDoctype = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n";

struct DestroyNode {
    void operator()(CPLXMLNode* node) const { CPLDestroyXMLNode(node); }
};
using Document = std::unique_ptr<CPLXMLNode, DestroyNode>;

CPLXMLNode* element(CPLXMLNode* parent, const char* name) {
    return CPLCreateXMLNode(parent, CXT_Element, name);
}

void set(CPLXMLNode* node, const char* name, const std::string& value) {
    CPLAddXMLAttributeAndValue(node, name, value.c_str());
}

/// <qgis> with its mark, which stands before what the caller adds.
Document new_style() {
    Document root(CPLCreateXMLNode(nullptr, CXT_Element, "qgis"));
    set(root.get(), "version", "3.22.0");
    set(root.get(), "styleCategories", "Symbology|Labeling");
    CPLCreateXMLNode(root.get(), CXT_Comment, kMark);
    return root;
}

std::string text_of(const Document& root) {
    char* text = CPLSerializeXMLTree(root.get());
    const std::string out = kDoctype + std::string(text);
    CPLFree(text);
    return out;
}

CPLXMLNode* renderer(CPLXMLNode* root, const char* type) {
    auto* node = element(element(root, "pipe"), "rasterrenderer");
    set(node, "type", type);
    set(node, "band", "1");
    set(node, "opacity", "1");
    set(node, "alphaBand", "-1");
    return node;
}

std::string hex(int red, int green, int blue) { return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue); }

void add_classes(CPLXMLNode* root, const RasterFormat& format) {
    auto* node = renderer(root, "paletted");
    auto* palette = element(node, "colorPalette");
    for (std::size_t value = 0; value < format.categories.size() && value < format.colors.size(); ++value) {
        const bool nodata = format.nodata && *format.nodata == static_cast<double>(value);
        if (nodata || format.categories[value].empty()) continue;
        const auto& color = format.colors[value];
        auto* entry = element(palette, "paletteEntry");
        set(entry, "value", std::to_string(value));
        set(entry, "label", format.categories[value]);
        set(entry, "color", hex(color[0], color[1], color[2]));
        set(entry, "alpha", std::to_string(color[3]));
    }
}

void add_ramp(CPLXMLNode* root, double low, double high) {
    auto* node = renderer(root, "singlebandpseudocolor");
    set(node, "classificationMin", fmt::format("{}", low));
    set(node, "classificationMax", fmt::format("{}", high));
    auto* shader = element(element(node, "rastershader"), "colorrampshader");
    set(shader, "colorRampType", "INTERPOLATED");
    set(shader, "classificationMode", "1");
    set(shader, "clip", "0");
    set(shader, "minimumValue", fmt::format("{}", low));
    set(shader, "maximumValue", fmt::format("{}", high));
    for (std::size_t i = 0; i < kRamp.size(); ++i) {
        const double value = low + (high - low) * static_cast<double>(i) / (kRamp.size() - 1);
        auto* item = element(shader, "item");
        set(item, "value", fmt::format("{}", value));
        set(item, "label", fmt::format("{:g}", value));
        set(item, "color", hex(kRamp[i][0], kRamp[i][1], kRamp[i][2]));
        set(item, "alpha", "255");
    }
}

void set_option(CPLXMLNode* map, const char* name, const char* value) {
    auto* option = element(map, "Option");
    set(option, "type", "QString");
    set(option, "name", name);
    set(option, "value", value);
}

void add_outline(CPLXMLNode* root) {
    auto* node = element(root, "renderer-v2");
    set(node, "type", "singleSymbol");
    auto* symbol = element(element(node, "symbols"), "symbol");
    set(symbol, "type", "fill");
    set(symbol, "name", "0");
    set(symbol, "alpha", "1");
    auto* layer = element(symbol, "layer");
    set(layer, "class", "SimpleLine");
    set(layer, "enabled", "1");
    auto* options = element(layer, "Option");
    set(options, "type", "Map");
    set_option(options, "line_color", "230,57,70,255");
    set_option(options, "line_width", "0.6");
    set_option(options, "line_width_unit", "MM");
}

void add_labels(CPLXMLNode* root, const char* expression) {
    auto* labeling = element(root, "labeling");
    set(labeling, "type", "simple");
    auto* text = element(element(labeling, "settings"), "text-style");
    set(text, "fieldName", expression);
    set(text, "isExpression", "1");
    set(text, "fontSize", "8");
    set(text, "textColor", "230,57,70,255");
}

}  // namespace

std::string style_path(const std::string& product) {
    return fs::path(product).replace_extension(".qml").string();
}

std::string raster_style(const RasterFormat& format) {
    const bool classes = !format.colors.empty() && !format.categories.empty();
    if (!classes && !format.range) return {};
    const auto root = new_style();
    if (classes)
        add_classes(root.get(), format);
    else
        add_ramp(root.get(), format.range->first, format.range->second);
    return text_of(root);
}

namespace {

std::string outlines_labelled(const char* expression) {
    const auto root = new_style();
    add_outline(root.get());
    add_labels(root.get(), expression);
    return text_of(root);
}

}  // namespace

std::string detections_style() { return outlines_labelled("round(\"max_score\", 2)"); }

std::string labels_style() { return outlines_labelled("\"labels\""); }

bool may_write_style(const std::string& path) {
    std::error_code ignored;
    return !fs::exists(path, ignored) || read_text_file(path).find(kMark) != std::string::npos;
}

std::string style_beside(const std::string& product) {
    const std::string path = style_path(product);
    std::error_code ignored;
    return fs::exists(path, ignored) && may_write_style(path) ? read_text_file(path) : std::string();
}

}  // namespace spectile::products
