// A Sentinel-2 product as ESA's .SAFE folder, made small: the metadata that GDAL's driver reads, and images
// of 10, 20 and 60 m in JPEG 2000.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Json = nlohmann::json;

const std::string kProduct = "S2A_MSIL2A_20260101T100000_N0511_R001_T33UUU_20260101T120000.SAFE";
const std::string kGranule = "GRANULE/L2A_T33UUU_A000001_20260101T100000";
constexpr int kPixels = 192;  // Across, at 10 m; windows of the network are 96.

const std::map<int, std::vector<std::string>> kBands = {
    {10, {"B02", "B03", "B04", "B08"}},
    {20, {"B05", "B06", "B07", "B8A", "B11", "B12", "SCL"}},
    {60, {"B01", "B09"}}};

std::string element(const std::string& name, const std::string& content, const std::string& attributes = "") {
    return "<" + name + attributes + ">" + content + "</" + name + ">";
}

class Sentinel2Product : public testing::Test {
protected:
    void SetUp() override {
        if (run({"gdalinfo", "--format", "JP2OpenJPEG"}).status != 0)
            GTEST_SKIP() << "GDAL has no driver for JPEG 2000";
        std::string images, geocoding = element("HORIZONTAL_CS_CODE", "EPSG:32633");
        for (const auto& [metres, bands] : kBands) {
            const auto resolution = " resolution=\"" + std::to_string(metres) + "\"";
            const auto side = std::to_string(kPixels * 10 / metres), pixel = std::to_string(metres);
            geocoding += element("Size", element("NROWS", side) + element("NCOLS", side), resolution) +
                         element("Geoposition",
                                 element("ULX", "300000") + element("ULY", "5000000") +
                                     element("XDIM", pixel) + element("YDIM", "-" + pixel),
                                 resolution);
            for (const auto& band : bands) {
                write_image(band, metres);
                images += element("IMAGE_FILE", image(band, metres));
            }
        }
        write(kProduct + "/" + kGranule + "/MTD_TL.xml",
              root("Level-2A_Tile_ID", element("n1:Geometric_Info", element("Tile_Geocoding", geocoding))));
        write(kProduct + "/MTD_MSIL2A.xml", root("Level-2A_User_Product", product_info(images)));
        ASSERT_EQ(run({built("tests/make_network"), folder / "model", "spectral_gpt_sentinel2"}).status, 0);
    }
    static std::string image(const std::string& band, int metres) {
        const auto resolution = std::to_string(metres) + "m";
        return kGranule + "/IMG_DATA/R" + resolution + "/T33UUU_20260101T100000_" + band + "_" + resolution;
    }
    std::string file(const std::string& band, int metres) const {
        return folder / (kProduct + "/" + image(band, metres) + ".jp2");
    }
    std::string subdataset(int metres) const {
        return "SENTINEL2_L2A:" + folder / (kProduct + "/MTD_MSIL2A.xml") + ":" + std::to_string(metres) +
               "m:EPSG_32633";
    }
    /// A run to labels and scores of `scene`'s files, and what it prints.
    Outcome label(const std::string& name, const std::vector<std::string>& scene) const {
        const auto pipeline =
            folder.write(name + ".yaml", "spectile: 1\nscene: {path: " + Json(scene).dump() +
                                             ", resampling: bilinear}\nmodel: model\n"
                                             "products:\n  labels: {path: " +
                                             name + ".gpkg}\n");
        return run_spectile({"run", pipeline});
    }
    /// All values of a finished raster, as bytes.
    std::string values_of(const std::string& raster) const {
        gdal({"gdal_translate", "-q", "-of", "ENVI", folder / raster, folder / "values.dat"});
        return text_of(folder / "values.dat");
    }
    const Folder folder;

private:
    static std::string root(const std::string& name, const std::string& content) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
               element("n1:" + name, content,
                       " xmlns:n1=\"https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-2A.xsd\"");
    }
    static std::string product_info(const std::string& images) {
        const auto list =
            element("Product_Organisation",
                    element("Granule_List", element("Granule", images,
                                                    " granuleIdentifier=\"S2A_OPER_MSI_L2A_TL\" "
                                                    "imageFormat=\"JPEG2000\"")));
        const auto format = element("Query_Options", element("PRODUCT_FORMAT", "SAFE_COMPACT"));
        return element(
            "n1:General_Info",
            element("Product_Info", element("PRODUCT_URI", kProduct) +
                                        element("PROCESSING_LEVEL", "Level-2A") + format + list) +
                element("Product_Image_Characteristics",
                        element("QUANTIFICATION_VALUES_LIST", element("BOA_QUANTIFICATION_VALUE", "10000"))));
    }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories(fs::path(folder / name).parent_path());
        std::ofstream(folder / name) << text;
    }
    /// Every band and resolution has values of its own.
    void write_image(const std::string& band, int metres) const {
        const int side = kPixels * 10 / metres;
        std::string bytes;
        for (int y = 0; y < side; ++y)
            for (int x = 0; x < side; ++x) {
                const int value = 500 + (x * 37 + y * 91 + metres + 13 * band[1] + 29 * band[2]) % 3000;
                bytes += static_cast<char>(value & 255);
                bytes += static_cast<char>(value >> 8);
            }
        std::ofstream(folder / "raw.dat", std::ios::binary) << bytes;
        std::ofstream(folder / "raw.hdr")
            << "ENVI\nsamples = " << side << "\nlines = " << side
            << "\nbands = 1\ndata type = 12\ninterleave = bsq\nbyte order = 0\n";
        fs::create_directories(fs::path(file(band, metres)).parent_path());
        gdal({"gdal_translate", "-q", "-of", "JP2OpenJPEG", "-co", "QUALITY=100", "-co", "REVERSIBLE=YES",
              "-a_srs", "EPSG:32633", "-a_ullr", "300000", "5000000", std::to_string(300000 + kPixels * 10),
              std::to_string(5000000 - kPixels * 10), folder / "raw.dat", file(band, metres)});
    }
};

TEST_F(Sentinel2Product, ItsThreeResolutionsAreOneSceneOfTheSameValuesAsItsFiles) {
    const auto product = label("product", {subdataset(10), subdataset(20), subdataset(60)});
    ASSERT_EQ(product.status, 0) << product.err;
    std::vector<std::string> images;
    for (const auto& [metres, bands] : kBands)
        for (const auto& band : bands)
            if (band != "SCL") images.push_back(file(band, metres));
    const auto files = label("files", images);
    ASSERT_EQ(files.status, 0) << files.err;
    EXPECT_EQ(gdalinfo(folder / "product.scores.tif")["size"], Json({kPixels, kPixels}));
    EXPECT_TRUE(values_of("product.scores.tif") == values_of("files.scores.tif"))
        << "each band found by its name, wherever the driver puts it";
    const auto plan = run_spectile({"plan", folder / "product.yaml"});
    EXPECT_THAT(plan.out, HasSubstr("12 of 22 bands, matched by name"));
    EXPECT_THAT(plan.out, HasSubstr("band     B8A, no wavelength <- band 8, 865 nm"));
}

TEST_F(Sentinel2Product, ARunKnowsThatAnImageInTheProductChanged) {
    const auto before = label("product", {subdataset(10), subdataset(20), subdataset(60)});
    ASSERT_EQ(before.status, 0) << before.err;
    const auto scores = values_of("product.scores.tif");
    fs::copy_file(file("B04", 10), file("B08", 10), fs::copy_options::overwrite_existing);
    const auto again = run_spectile({"run", folder / "product.yaml", "--overwrite"});
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_THAT(again.err, HasSubstr("(0 from before)"));
    EXPECT_TRUE(values_of("product.scores.tif") != scores);
}

TEST_F(Sentinel2Product, TheFolderAndItsMetadataSayWhatToGive) {
    const auto whole = run_spectile({"info", folder / kProduct});
    EXPECT_EQ(whole.status, 65) << whole.err;
    EXPECT_THAT(whole.err, HasSubstr("give the MTD_*.xml in it"));
    const auto metadata = run_spectile({"info", folder / (kProduct + "/MTD_MSIL2A.xml")});
    EXPECT_EQ(metadata.status, 0) << metadata.err;
    for (const int metres : {10, 20, 60}) EXPECT_THAT(metadata.out, HasSubstr(subdataset(metres)));
}

}  // namespace
}  // namespace spectile::test
