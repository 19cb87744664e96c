#include "products/assemble.hpp"

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cstring>
#include <set>

#include "products/durable_file.hpp"
#include "products_fixture.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr int kBlock = 128;

Grid metric_grid(std::int64_t width, std::int64_t height) {
    Grid grid{width, height, {}};
    grid.georeference.has_geotransform = true;
    grid.georeference.geotransform = {500000, 10, 0, 4000000, 0, -10};
    return grid;
}

RasterFormat class_format() {
    static const ModelCard card = landcover_card();
    static const ModelTraits traits = [] {
        ModelTraits t;
        t.task = Task::classification;
        t.channels = 3;
        return t;
    }();
    ProductDefinition definition;
    definition.kind = "class_map";
    return make_raster_product(definition, {card, traits, {}, {}})->format();
}

std::uint8_t classes_at(int, std::int64_t row, std::int64_t col) {
    constexpr std::uint8_t values[] = {1, 3, 4, 0};
    return values[(row / 3 * 7 + col / 2 * 5 + row * col / 11) % 4];
}

RasterFormat band_format(int count) {
    RasterFormat format;
    format.type = DataType::UInt16;
    format.bands = count;
    format.nodata = 65535;
    for (int i = 0; i < count; ++i) {
        BandInfo info;
        info.name = "band " + std::to_string(i);
        info.wavelength_nm = 450.5 + i;
        info.fwhm_nm = 6.5;
        info.scale = 0.0001;
        info.type = DataType::UInt16;
        format.band_infos.push_back(info);
        format.band_names.push_back(info.name);
    }
    return format;
}

std::uint16_t band_value(int band, std::int64_t row, std::int64_t col) {
    return static_cast<std::uint16_t>(band * 1000 + row * 3 + col * row);
}

TEST(Assemble, ClassMapsCarryColoursNamesNodataAndOrigin) {
    const ScratchFolder folder;
    auto job = job_of<std::uint8_t>(folder, metric_grid(300, 200), class_format(), kBlock, 256, classes_at);
    job.recipe = "abc";
    job.model = "landcover";
    job.model_sha256 = "def";
    const auto result = assemble(job);
    const auto dataset = open(result.partial_path);
    auto& band = *dataset->GetRasterBand(1);
    EXPECT_STREQ(dataset->GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE"), "COG");
    ASSERT_TRUE(band.GetColorTable());
    EXPECT_EQ(band.GetColorTable()->GetColorEntry(4)->c1, 160);
    ASSERT_TRUE(band.GetCategoryNames());
    EXPECT_STREQ(band.GetCategoryNames()[3], "forest & \"wood\"");
    EXPECT_EQ(band.GetNoDataValue(), 0);
    EXPECT_STREQ(dataset->GetMetadataItem("SPECTILE_RECIPE"), "abc");
    EXPECT_STREQ(dataset->GetMetadataItem("SPECTILE_MODEL_SHA256"), "def");
    EXPECT_STREQ(dataset->GetMetadataItem("SPECTILE_CLASSES"),
                 R"({"1":"water","3":"forest & \"wood\"","4":"soil"})");
    ASSERT_EQ(result.sidecars.size(), 1u);
    EXPECT_THAT(result.renames.front().second, testing::EndsWith("out.tif.aux.xml"));
    EXPECT_EQ(result.renames.back().second, job.target);

    std::map<int, std::int64_t> expected;
    for (int row = 0; row < 200; ++row)
        for (int col = 0; col < 300; ++col) ++expected[classes_at(0, row, col)];
    EXPECT_EQ(result.pixels_of_value, expected);
}

TEST(Assemble, OverviewsOfClassesInventNone) {
    const ScratchFolder folder;
    auto job = job_of<std::uint8_t>(folder, metric_grid(700, 600), class_format(), kBlock, 256, classes_at);
    const auto result = assemble(job);
    const auto dataset = open(result.partial_path);
    auto& band = *dataset->GetRasterBand(1);
    ASSERT_GT(band.GetOverviewCount(), 0);
    auto& overview = *band.GetOverview(0);
    std::vector<std::uint8_t> values(static_cast<std::size_t>(overview.GetXSize()) * overview.GetYSize());
    ASSERT_EQ(overview.RasterIO(GF_Read, 0, 0, overview.GetXSize(), overview.GetYSize(), values.data(),
                                overview.GetXSize(), overview.GetYSize(), GDT_Byte, 0, 0, nullptr),
              CE_None);
    EXPECT_THAT(std::set<int>(values.begin(), values.end()), testing::IsSubsetOf({0, 1, 3, 4}));
    EXPECT_GT(std::set<int>(values.begin(), values.end()).size(), 1u);
}

struct Cut {
    int part;
    int threads;
};

template <typename T>
void expect_same_bytes(const Grid& grid, const RasterFormat& format, const Pixel<T>& pixel) {
    std::string file, sidecar;
    for (const Cut cut : {Cut{128, 1}, Cut{256, 2}, Cut{2048, 1}}) {
        const ScratchFolder folder;
        auto job = job_of<T>(folder, grid, format, kBlock, cut.part, pixel);
        job.threads = cut.threads;
        const auto result = assemble(job);
        const auto now = bytes_of(result.partial_path);
        const auto beside = result.sidecars.empty() ? std::string() : bytes_of(result.sidecars.front());
        ASSERT_FALSE(now.empty());
        if (file.empty()) {
            file = now;
            sidecar = beside;
        }
        EXPECT_TRUE(now == file) << "parts of " << cut.part << ", " << cut.threads << " threads";
        EXPECT_EQ(beside, sidecar);
    }
}

TEST(Assemble, BytesDoNotDependOnPartsOrThreads) {
    expect_same_bytes<std::uint8_t>(metric_grid(700, 610), class_format(), classes_at);
    expect_same_bytes<std::uint16_t>(metric_grid(700, 610), band_format(18), band_value);
}

TEST(Assemble, BandsCarryWavelengthsInThreePlaces) {
    const ScratchFolder folder;
    auto job = job_of<std::uint16_t>(folder, metric_grid(150, 140), band_format(3), kBlock, 128, band_value);
    const auto result = assemble(job);
    const auto dataset = open(result.partial_path);
    EXPECT_STREQ(dataset->GetMetadataItem("INTERLEAVE", "IMAGE_STRUCTURE"), "BAND");
    auto& band = *dataset->GetRasterBand(2);
    EXPECT_STREQ(band.GetMetadataItem("wavelength"), "451.5");
    EXPECT_STREQ(band.GetMetadataItem("wavelength_units"), "Nanometers");
    EXPECT_EQ(std::atof(band.GetMetadataItem("CENTRAL_WAVELENGTH_UM", "IMAGERY")), 0.4515);
    EXPECT_EQ(std::atof(band.GetMetadataItem("FWHM_UM", "IMAGERY")), 0.0065);
    EXPECT_STREQ(dataset->GetMetadataItem("wavelength", "ENVI"), "{450.5, 451.5, 452.5}");
    EXPECT_STREQ(band.GetDescription(), "band 1");
    EXPECT_EQ(band.GetScale(), 0.0001);
    EXPECT_EQ(band.GetNoDataValue(), 65535);
}

TEST(Assemble, FourBandsOfBytesAreNoPicture) {
    for (const char* driver : {"COG", "GTiff"}) {
        const ScratchFolder folder;
        RasterFormat format;
        format.bands = 4;
        format.nodata = 255;
        auto job = job_of<std::uint8_t>(folder, metric_grid(64, 64), format, kBlock, 128, classes_at);
        job.driver = driver;
        const auto result = assemble(job);
        const auto dataset = open(result.partial_path);
        for (int b = 1; b <= 4; ++b) {
            EXPECT_NE(dataset->GetRasterBand(b)->GetColorInterpretation(), GCI_AlphaBand) << driver << b;
            EXPECT_EQ(dataset->GetRasterBand(b)->GetMaskFlags(), GMF_NODATA) << driver << b;
        }
    }
}

TEST(Assemble, EnviKeepsPixelsWavelengthsAndNoTemporaryName) {
    const ScratchFolder folder;
    auto job = job_of<std::uint16_t>(folder, metric_grid(150, 140), band_format(3), kBlock, 128, band_value,
                                     "out.img");
    job.driver = "ENVI";
    job.options = {"INTERLEAVE=BIL"};
    const auto result = assemble(job);
    const auto dataset = open(result.partial_path);
    EXPECT_STREQ(dataset->GetDriverName(), "ENVI");
    EXPECT_STREQ(dataset->GetRasterBand(3)->GetMetadataItem("wavelength"), "452.5");
    for (const auto& path : result.sidecars)
        EXPECT_THAT(bytes_of(path), testing::Not(testing::HasSubstr("partial"))) << path;
}

TEST(Assemble, GTiffTakesOtherLayouts) {
    for (const std::vector<std::string>& options : {std::vector<std::string>{"TILED=NO", "COMPRESS=NONE"},
                                                    {"INTERLEAVE=PIXEL"},
                                                    {"COMPRESS=LZW", "BLOCKXSIZE=64"}}) {
        const ScratchFolder folder;
        auto job =
            job_of<std::uint16_t>(folder, metric_grid(300, 140), band_format(3), kBlock, 128, band_value);
        job.options = options;
        EXPECT_EQ(assemble(job).blocks.size(), 6u);
    }
}

TEST(Assemble, BadOptionsAreRefusedInGdalsWords) {
    try {
        check_creation_options("COG", {"COMPRESS=ZIP"}, "p.yaml:3: products.class_map: ");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::definition);
        EXPECT_THAT(error.what(), testing::StartsWith("p.yaml:3: products.class_map: options: "));
        EXPECT_THAT(error.what(), testing::HasSubstr("COMPRESS"));
    }
    EXPECT_THROW(check_creation_options("COG", {"BLOCK_SIZE=512"}, ""), Error);
    EXPECT_THROW(check_creation_options("COG", {"YES"}, ""), Error);
    EXPECT_THROW(check_creation_options("NoSuchDriver", {}, ""), Error);
    check_creation_options("GTiff", {"COMPRESS=DEFLATE", "ZLEVEL=9"}, "");
}

TEST(Assemble, ADamagedPartIsNamedAndNothingIsLeft) {
    const ScratchFolder folder;
    auto job = job_of<std::uint8_t>(folder, metric_grid(300, 200), class_format(), kBlock, 256, classes_at,
                                    "out/map.tif");
    write_part<std::uint8_t>(job.parts[1].path, job.format, job.parts[1].window, kBlock,
                             [](int, std::int64_t, std::int64_t) { return std::uint8_t{4}; });
    try {
        assemble(job);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::verification);
        EXPECT_THAT(error.what(), testing::HasSubstr("(256, 0)"));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder / "out"));
}

TEST(Assemble, AFullDiskEndsInAnErrorAndLeavesNothing) {
    for (const char* driver : {"COG", "GTiff"}) {
        const ScratchFolder folder;
        RasterFormat format;
        format.type = DataType::Float32;
        auto job = job_of<float>(
            folder, {512, 512, {}}, format, kBlock, 256,
            [](int, std::int64_t row, std::int64_t col) {
                return static_cast<float>(static_cast<std::uint32_t>(row * 104729 + col * 1299709) *
                                          2654435761u);
            },
            "out/map.tif");
        job.driver = driver;
        std::filesystem::create_directory(folder / "out");
        if (::mount("tmpfs", (folder / "out").c_str(), "tmpfs", 0, "size=128k") != 0)
            GTEST_SKIP() << "only root may mount a small tmpfs";
        Error found(Code::internal, "");
        try {
            assemble(job);
        } catch (const Error& error) {
            found = error;
        }
        const bool empty = std::filesystem::is_empty(folder / "out");
        ::umount((folder / "out").c_str());
        EXPECT_EQ(found.code(), Code::write) << driver << found.what();
        EXPECT_TRUE(empty) << driver;
    }
}

TEST(Assemble, LeftoversOfDeadProcessesAreRemovedOthersKept) {
    const ScratchFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
        std::filesystem::create_directory(temporary_name(folder / "map.tif"));
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    const std::string ours = temporary_name(folder / "map.tif");
    std::ofstream(ours) << "in use";
    std::ofstream(folder / "map.tif.partial-elsewhere-1-2-3") << "of another host";
    remove_leftovers(folder.path());
    EXPECT_TRUE(std::filesystem::exists(ours));
    EXPECT_TRUE(std::filesystem::exists(folder / "map.tif.partial-elsewhere-1-2-3"));
    const auto left = std::distance(std::filesystem::directory_iterator(folder.path()), {});
    EXPECT_EQ(left, 2);
}

TEST(Assemble, PartsThatLeaveGapsAreRefused) {
    const ScratchFolder folder;
    auto job = job_of<std::uint8_t>(folder, metric_grid(300, 200), class_format(), kBlock, 256, classes_at);
    job.parts.pop_back();
    EXPECT_THROW(assemble(job), Error);
}

TEST(StoredAsIs, WhereTheUserOrTheDriverAsksForNoCompression) {
    EXPECT_FALSE(stored_as_is("GTiff", {}));
    EXPECT_FALSE(stored_as_is("COG", {"COMPRESS=DEFLATE"}));
    EXPECT_TRUE(stored_as_is("GTiff", {"TILED=NO", "compress=none"}));
    EXPECT_TRUE(stored_as_is("ENVI", {}));
}

}  // namespace
}  // namespace spectile::products
