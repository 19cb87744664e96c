#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "products/quicklook.hpp"
#include "products/report.hpp"

// The report's parts, each a piece of HTML or SVG; report.cpp joins them. Empty where there is nothing to
// show. `text` is JSON.

namespace spectile::products {

std::string escaped(std::string_view text);
/// <section> with a heading; empty where `body` is.
std::string section(std::string_view heading, const std::string& body);

std::string area_table(const ReportData& data);
std::string band_table(const std::vector<ReportBand>& bands);
/// Expected and found wavelengths on one axis, and below it how far each pair lies apart.
std::string band_plot(const std::vector<ReportBand>& bands);
std::string timing_bars(const std::vector<std::pair<std::string, double>>& timings);
std::string audit_table(const std::vector<ReportAudit>& audit);
std::string accuracy_tables(const std::string& text);
/// The matrix of an accuracy (truth by row), shaded by share of the row.
std::string confusion_table(const std::string& text);
/// `area_weighted` of an accuracy with its confidence intervals.
std::string area_weighted_table(const std::string& text);
/// Mean and scatter over seeds of each figure.
std::string spread_table(const std::string& text);
/// Head of the page up to the lead; `report_foot` closes it.
std::string report_head(const std::string& title, const std::string& lead);
std::string report_foot();
std::string fact_cards(const std::vector<std::pair<std::string, std::string>>& items);
std::string warning_list(const std::vector<std::string>& lines);
std::string picture_row(const std::vector<std::string>& figures);
/// A picture with its caption, which is HTML.
std::string figure(const Quicklook& picture, const std::string& alt, const std::string& caption);
std::string class_legend(const std::vector<ClassInfo>& classes);
std::string json_table(const std::string& text);

/// Scene, map and confidence to zoom and to lay over each other; empty where there is no map.
std::string zoom_section(const ReportData& data);

/// The style sheet, and the script of `zoom_section`.
extern const char* const kReportStyle;
extern const char* const kReportScript;

}  // namespace spectile::products
