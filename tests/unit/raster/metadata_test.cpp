// What a scene says of its bands: wavelengths, widths, bad bands, scale, nodata, from every source.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "raster/open_scene.hpp"
#include "raster/wavelengths.hpp"
#include "spectile/error.hpp"
#include "support/raster_files.hpp"
#include "unit/raster/a_scene.hpp"

namespace spectile {
namespace {

using namespace testing_raster;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// A raw scene of 3 bands, UInt16, with a hand-made header.
std::string envi(const Folder& folder, const std::string& more) {
    write_text(folder / "s.dat", std::string(2 * 2 * 3 * 2, '\1'));
    write_text(
        folder / "s.hdr",
        "ENVI\nsamples = 2\nlines = 2\nbands = 3\ndata type = 12\ninterleave = bsq\nbyte order = 0\n" + more);
    return folder / "s.dat";
}

std::vector<double> wavelengths(const SceneInfo& info) {
    std::vector<double> out;
    for (const auto& band : info.bands) out.push_back(band.wavelength_nm.value_or(-1));
    return out;
}

std::vector<double> widths(const SceneInfo& info) {
    std::vector<double> out;
    for (const auto& band : info.bands) out.push_back(band.fwhm_nm.value_or(-1));
    return out;
}

TEST(Metadata, MicrometresBecomeNanometres) {
    const Folder folder;
    const auto info = info_of(envi(
        folder,
        "wavelength units = Micrometers\nwavelength = {0.45, 0.55, 0.665}\nfwhm = {0.01, 0.02, 0.03}\n"));
    EXPECT_THAT(wavelengths(info), ElementsAre(450, 550, 665));
    EXPECT_THAT(widths(info), ElementsAre(10, 20, 30));
}

TEST(Metadata, AnUnknownUnitIsGuessedWithAWarning) {
    const Folder folder;
    const auto micro = info_of(envi(folder, "wavelength units = Unknown\nwavelength = {0.45, 0.55, 2.2}\n"));
    EXPECT_THAT(wavelengths(micro), ElementsAre(450, 550, 2200));
    EXPECT_THAT(micro.warnings, Contains(HasSubstr("micrometres")));
    const auto nano = info_of(envi(folder, "wavelength = {450, 550, 2200}\n"));
    EXPECT_THAT(wavelengths(nano), ElementsAre(450, 550, 2200));
    EXPECT_THAT(nano.warnings, Contains(HasSubstr("nanometres")));
}

TEST(Metadata, BandNumbersAreNoWavelengths) {
    const Folder folder;
    EXPECT_THAT(wavelengths(info_of(envi(folder, "wavelength units = Index\nwavelength = {1, 2, 3}\n"))),
                ElementsAre(-1, -1, -1));
}

TEST(Metadata, UnsortedWavelengthsStayInTheFilesOrder) {
    const Folder folder;
    EXPECT_THAT(wavelengths(info_of(envi(folder, "wavelength units = nm\nwavelength = {993, 902, 2450}\n"))),
                ElementsAre(993, 902, 2450));
}

TEST(Metadata, BadBandsAndReflectanceScaleAreOurs) {
    const Folder folder;
    const auto info = info_of(
        envi(folder, "bbl = {1, 0, 1}\nreflectance scale factor = 10000\ndata ignore value = 65535\n"));
    EXPECT_FALSE(info.bands[0].bad);
    EXPECT_TRUE(info.bands[1].bad);
    EXPECT_DOUBLE_EQ(info.bands[2].scale, 1e-4);
    EXPECT_EQ(info.bands[2].unit, "reflectance");
    EXPECT_EQ(info.bands[0].nodata, 65535);
}

TEST(Metadata, GainsAreNotAppliedTwice) {
    const Folder folder;
    const auto info = info_of(envi(folder,
                                   "data gain values = {0.5, 0.25, 2}\ndata offset values = {1, 2, "
                                   "3}\nreflectance scale factor = 10000\n"));
    EXPECT_DOUBLE_EQ(info.bands[1].scale, 0.25);
    EXPECT_DOUBLE_EQ(info.bands[1].offset, 2);
}

TEST(Metadata, AMisspeltKeyIsReadWithAWarning) {
    const Folder folder;
    const auto info =
        info_of(envi(folder, "Wavelenght Units = Nanometers\r\nWAVELENGHT = {450,\r\n 550, 650}\r\n"));
    EXPECT_THAT(wavelengths(info), ElementsAre(450, 550, 650));
    EXPECT_THAT(info.warnings, Contains(HasSubstr("wavelenght")));
}

TEST(Metadata, ANodataThatTheTypeCannotHoldIsAWarning) {
    const Folder folder;
    EXPECT_THAT(info_of(envi(folder, "data ignore value = NaN\n")).warnings,
                Contains(HasSubstr("cannot occur in UInt16")));
}

TEST(Metadata, AHeaderStandsForItsDataFile) {
    const Folder folder;
    envi(folder, "");
    EXPECT_EQ(info_of(folder / "s.hdr").bands.size(), 3U);
    std::filesystem::remove(folder / "s.dat");
    EXPECT_THROW(info_of(folder / "s.hdr"), Error);
}

TEST(Metadata, BandItemsOfATiffAreRead) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "a.tif", {});
        for (int band = 0; band < 3; ++band) {
            dataset->GetRasterBand(band + 1)->SetMetadataItem("wavelength",
                                                              std::to_string(0.5 + band / 10.0).c_str());
            dataset->GetRasterBand(band + 1)->SetMetadataItem("wavelength_units", "Micrometers");
            dataset->GetRasterBand(band + 1)->SetMetadataItem("fwhm", "0.012");
            dataset->GetRasterBand(band + 1)->SetScale(0.01);
            dataset->GetRasterBand(band + 1)->SetOffset(-3);
            dataset->GetRasterBand(band + 1)->SetDescription(("b" + std::to_string(band)).c_str());
        }
    }
    const auto info = info_of(folder / "a.tif");
    EXPECT_THAT(wavelengths(info), ElementsAre(500, 600, 700));
    EXPECT_THAT(widths(info), ElementsAre(12, 12, 12));
    EXPECT_DOUBLE_EQ(info.bands[0].scale, 0.01);
    EXPECT_DOUBLE_EQ(info.bands[0].offset, -3);
    EXPECT_EQ(info.bands[2].name, "b2");
}

TEST(Metadata, TheImageryDomainComesFirst) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "a.tif", {.bands = 1});
        dataset->GetRasterBand(1)->SetMetadataItem("CENTRAL_WAVELENGTH_UM", "0.865", "IMAGERY");
        dataset->GetRasterBand(1)->SetMetadataItem("FWHM_UM", "0.03", "IMAGERY");
        dataset->GetRasterBand(1)->SetMetadataItem("wavelength", "111");
    }
    const auto info = info_of(folder / "a.tif");
    EXPECT_THAT(wavelengths(info), ElementsAre(865));
    EXPECT_THAT(widths(info), ElementsAre(30));
}

TEST(Metadata, AnEnviDomainThatTravelledInATiffIsRead) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "a.tif", {});
        for (const auto& [key, value] : {std::pair{"wavelength", "{400, 500, 600}"},
                                         {"wavelength_units", "Nanometers"},
                                         {"fwhm", "{5, 6, 7}"},
                                         {"bbl", "{0, 1, 1}"},
                                         {"reflectance_scale_factor", "1000"}})
            dataset->SetMetadataItem(key, value, "ENVI");
    }
    const auto info = info_of(folder / "a.tif");
    EXPECT_THAT(wavelengths(info), ElementsAre(400, 500, 600));
    EXPECT_THAT(widths(info), ElementsAre(5, 6, 7));
    EXPECT_TRUE(info.bands[0].bad);
    EXPECT_DOUBLE_EQ(info.bands[0].scale, 0.001);
}

TEST(Metadata, DescriptionsAreTheLastResort) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "a.tif", {.bands = 2});
        dataset->GetRasterBand(1)->SetDescription("B4 (665 nm)");
        dataset->GetRasterBand(2)->SetDescription("0.8655 Micrometers");
    }
    const auto info = info_of(folder / "a.tif");
    EXPECT_THAT(wavelengths(info), ElementsAre(665, 865.5));
    EXPECT_THAT(info.warnings, Contains(HasSubstr("descriptions")));
}

TEST(Metadata, DefinitionsOverrideTheFile) {
    const Folder folder;
    SceneDefinition definition = scene_of(
        envi(folder, "reflectance scale factor = 10000\ndata ignore value = 0\nwavelength = {1, 2, 3}\n"));
    definition.scale = 2;
    definition.offset = 3;
    definition.nodata = 257;
    definition.bands = {3, 1};
    definition.wavelengths_nm = {800, 700};
    const auto scene = open_scene(definition);
    EXPECT_THAT(wavelengths(scene->info()), ElementsAre(800, 700));
    EXPECT_EQ(scene->info().bands[0].raster_band, 2);
    EXPECT_EQ(scene->info().bands[0].scale, 2);
    EXPECT_EQ(scene->info().bands[1].offset, 3);
    Cube cube;
    const int band = 0;
    scene->reader()->read({0, 0, 2, 2}, {&band, 1}, cube);  // Every sample is 0x0101.
    EXPECT_THAT(cube.valid, testing::Each(0));
    definition.bands = {4};
    EXPECT_THROW(open_scene(definition), Error);
}

class WavelengthFiles : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(WavelengthFiles, GiveThreeBands) {
    const Folder folder;
    const auto& [name, text] = GetParam();
    SceneDefinition definition = scene_of(envi(folder, ""));
    write_text(folder / name, text);
    definition.wavelengths_file = folder / name;
    const auto info = open_scene(definition)->info();
    EXPECT_THAT(wavelengths(info), ElementsAre(450, 550, 2200));
    EXPECT_THAT(info.files, Contains(folder / name));
    const std::string content = text;
    if (content.find("fwhm") != std::string::npos || content.find("FWHM") != std::string::npos ||
        content.find("Fwhm") != std::string::npos) {
        EXPECT_THAT(widths(info), ElementsAre(5, 6, 7));
    }
    if (content.find("bad") != std::string::npos || content.find("bbl") != std::string::npos) {
        EXPECT_TRUE(info.bands[1].bad);
        EXPECT_FALSE(info.bands[2].bad);
    }
}

INSTANTIATE_TEST_SUITE_P(
    All, WavelengthFiles,
    testing::Values(
        std::pair{"plain.txt", "450\n550\n2200\n"},
        std::pair{"crlf.txt", "# centres\r\n450 5\r\n550 6\r\n2200 7\r\n"},
        std::pair{"line.txt", "450, 550, 2200\n"}, std::pair{"micro.txt", "0.45\n0.55\n2.2\n"},
        std::pair{"head.csv", "band,wavelength_nm,fwhm,bad\n1,450,5,0\n2,550,6,1\n3,2200,7,0\n"},
        std::pair{"semicolon.csv", "name;Wavelength (um);bbl\na;0.45;1\nb;0.55;0\nc;2.2;1\n"},
        std::pair{"other.hdr",
                  "ENVI\nbands = 3\nwavelength units = Nanometers\nwavelength = "
                  "{450,550,2200}\nfwhm={5,6,7}\nbbl={1,0,1}\n"},
        std::pair{"METADATA.XML",
                  "<?xml version=\"1.0\"?><level_X xmlns:e=\"u\"><specific><bandCharacterisation>"
                  "<bandID "
                  "number=\"1\"><wavelengthCenterOfBand>450</wavelengthCenterOfBand><FWHMOfBand>5</"
                  "FWHMOfBand><GainOfBand>0.0001</GainOfBand><OffsetOfBand>0</OffsetOfBand></bandID>"
                  "<bandID "
                  "number=\"2\"><wavelengthCenterOfBand>550</wavelengthCenterOfBand><FWHMOfBand>6</"
                  "FWHMOfBand></bandID>"
                  "<bandID "
                  "number=\"3\"><wavelengthCenterOfBand>2200</wavelengthCenterOfBand><FWHMOfBand>7</"
                  "FWHMOfBand></bandID>"
                  "</bandCharacterisation></specific></level_X>"},
        std::pair{
            "prisma.xml",
            "<Product><Attributes><List_Cw_Vnir>0 450 550</List_Cw_Vnir><List_Fwhm_Vnir>0 5 "
            "6</List_Fwhm_Vnir>"
            "<List_Cw_Swir>2200.0</List_Cw_Swir><List_Fwhm_Swir>7</List_Fwhm_Swir></Attributes></Product>"},
        std::pair{
            "s2.xml",
            "<I><S><Wavelength><CENTRAL unit=\"nm\">450</CENTRAL></Wavelength></S><S><Wavelength><CENTRAL "
            "unit=\"nm\">550</CENTRAL></Wavelength></S>"
            "<S><Wavelength><CENTRAL unit=\"nm\">2200</CENTRAL></Wavelength></S></I>"}),
    [](const auto& file) {
        std::string name = file.param.first;
        for (char& c : name)
            if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
        return name;
    });

TEST(Metadata, WavelengthFilesThatDoNotFitAreRefused) {
    const Folder folder;
    SceneDefinition definition = scene_of(envi(folder, ""));
    for (const char* text : {"450\n550\n", "", "<open", "a,b\n1,2\n", "450\nword\n"}) {
        write_text(folder / "w.txt", text);
        definition.wavelengths_file = folder / "w.txt";
        EXPECT_THROW(open_scene(definition), Error) << text;
    }
    definition.wavelengths_file = folder / "absent.txt";
    try {
        open_scene(definition);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::missing);
    }
}

TEST(Wavelengths, UnitsOfManySpellings) {
    for (const char* nm : {"nm", "NM", "Nanometers", "nanometre", " Nanometer "})
        EXPECT_EQ(wavelength_unit_of(nm), WavelengthUnit::nanometre) << nm;
    for (const char* um : {"um", "µm", "Micrometers", "micron", "MICROMETER"})
        EXPECT_EQ(wavelength_unit_of(um), WavelengthUnit::micrometre) << um;
    for (const char* other : {"", "Unknown", "GHz"})
        EXPECT_EQ(wavelength_unit_of(other), WavelengthUnit::unknown) << other;
    std::vector<std::string> warnings;
    EXPECT_THAT(to_nanometres({10000, 20000}, "wavenumber", "", warnings), ElementsAre(1000, 500));
    EXPECT_THAT(to_nanometres({6650}, "Angstroms", "", warnings), ElementsAre(665));
    EXPECT_TRUE(warnings.empty());
}

}  // namespace
}  // namespace spectile
