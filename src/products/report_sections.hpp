#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "products/report.hpp"

// The report's parts, each a piece of HTML or SVG; report.cpp joins them. Empty where there is nothing to
// show.

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
std::string accuracy_tables(const std::string& json);
std::string json_table(const std::string& json);

/// The style sheet.
extern const char* const kReportStyle;

}  // namespace spectile::products
