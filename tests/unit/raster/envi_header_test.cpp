#include "raster/envi_header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spectile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string start(const std::string& rest) {
    return "ENVI\nsamples = 4\nlines = 3\nbands = 3\ndata type = 12\ninterleave = bil\nbyte order = 1\n" +
           rest;
}

TEST(EnviHeader, LayoutIsRead) {
    const EnviHeader header = parse_envi_header(start("header offset = 128\nfile compression = 1\n"));
    EXPECT_EQ(header.samples, 4);
    EXPECT_EQ(header.lines, 3);
    EXPECT_EQ(header.bands, 3);
    EXPECT_EQ(header.data_type, 12);
    EXPECT_EQ(header.header_offset, 128);
    EXPECT_TRUE(header.big_endian);
    EXPECT_TRUE(header.file_compression);
    EXPECT_EQ(header.interleave, Interleave::line);
    EXPECT_THAT(header.warnings, IsEmpty());
}

TEST(EnviHeader, CrlfUpperCaseAndTabsAreAccepted) {
    const EnviHeader header = parse_envi_header(
        "ENVI\r\nSAMPLES\t=  7\r\nLines=2\r\nBands = 1\r\nInterleave = BIP\r\n"
        "Wavelength Units = Nanometers\r\n");
    EXPECT_EQ(header.samples, 7);
    EXPECT_EQ(header.lines, 2);
    EXPECT_EQ(header.interleave, Interleave::pixel);
    EXPECT_EQ(header.wavelength_units, "Nanometers");
}

TEST(EnviHeader, ListsRunOverLines) {
    const EnviHeader header =
        parse_envi_header(start("wavelength = {\r\n 450.5,\r\n 550,\r\n  6.5e2 }\r\nfwhm = {10,11,\n12}\n"));
    EXPECT_THAT(header.wavelengths, ElementsAre(450.5, 550, 650));
    EXPECT_THAT(header.fwhm, ElementsAre(10, 11, 12));
}

TEST(EnviHeader, CommentsAndEmptyKeysSayNothing) {
    const EnviHeader header =
        parse_envi_header(start("; wavelength = {1,2,3}\n# fwhm = {1,2,3}\nsensor type =\n"));
    EXPECT_THAT(header.wavelengths, IsEmpty());
    EXPECT_THAT(header.fwhm, IsEmpty());
    EXPECT_EQ(header.find("sensor type"), nullptr);
    EXPECT_THAT(header.warnings, IsEmpty());
}

TEST(EnviHeader, MisspeltKeysAreUnderstoodWithAWarning) {
    const EnviHeader header =
        parse_envi_header(start("wavelenght = {1, 2, 3}\nwavelength unit = um\nband_names = {a, b, c}\n"));
    EXPECT_THAT(header.wavelengths, ElementsAre(1, 2, 3));
    EXPECT_EQ(header.wavelength_units, "um");
    EXPECT_THAT(header.band_names, ElementsAre("a", "b", "c"));
    EXPECT_THAT(header.warnings, testing::Contains(HasSubstr("wavelenght")));
}

TEST(EnviHeader, ACommaInANameIsAWarningAndLeavesWavelengthsAlone) {
    const EnviHeader header =
        parse_envi_header(start("band names = {Blue (x,y), Green, Red}\nwavelength = {450, 550, 650}\n"));
    EXPECT_THAT(header.wavelengths, ElementsAre(450, 550, 650));
    EXPECT_THAT(header.warnings, ElementsAre(HasSubstr("4 names for 3 bands")));
}

TEST(EnviHeader, ListsOfAnotherLengthAreLeftOut) {
    const EnviHeader header = parse_envi_header(start("wavelength = {450, 550}\nbbl = {1, 0, 1}\n"));
    EXPECT_THAT(header.wavelengths, IsEmpty());
    EXPECT_THAT(header.bbl, ElementsAre(1, 0, 1));
    EXPECT_THAT(header.warnings, ElementsAre(HasSubstr("2 values for 3 bands")));
}

TEST(EnviHeader, NumbersInExponentFormAndNanAreRead) {
    const EnviHeader header =
        parse_envi_header(start("data ignore value = -1.0e+34\nreflectance scale factor = 1.0e4\n"));
    EXPECT_EQ(header.ignore_value, -1e34);
    EXPECT_EQ(header.reflectance_scale_factor, 10000);
    EXPECT_TRUE(std::isnan(*parse_envi_header(start("data ignore value = NaN\n")).ignore_value));
}

TEST(EnviHeader, UselessValuesAreWarnings) {
    const EnviHeader header = parse_envi_header(
        start("reflectance scale factor = 0\ndata ignore value = none\nwavelength = {a, b, c}\n"));
    EXPECT_FALSE(header.reflectance_scale_factor);
    EXPECT_FALSE(header.ignore_value);
    EXPECT_EQ(header.warnings.size(), 3U);
}

TEST(EnviHeader, UnclosedBraceAndGarbageDoNotStopIt) {
    const EnviHeader header = parse_envi_header(start("description = {never closed\nwavelength = {1,2,3\n"));
    EXPECT_EQ(header.samples, 4);
    EXPECT_FALSE(header.warnings.empty());
    EXPECT_NO_THROW(parse_envi_header(std::string_view("\0\0=={{{\n=\n", 10)));
    EXPECT_NO_THROW(parse_envi_header(""));
    EXPECT_NO_THROW(parse_envi_header("samples = 99999999999999999999999999\nbands = -1e400\n"));
}

TEST(EnviHeader, TheDomainOfGdalReadsTheSame) {
    const EnviHeader header =
        envi_header_of({{"wavelength_units", "Micrometers"}, {"wavelength", "{0.4, 0.5}"}, {"bbl", "{1,0}"}});
    EXPECT_THAT(header.wavelengths, ElementsAre(0.4, 0.5));
    EXPECT_EQ(header.wavelength_units, "Micrometers");
    EXPECT_THAT(header.bbl, ElementsAre(1, 0));
}

}  // namespace
}  // namespace spectile
