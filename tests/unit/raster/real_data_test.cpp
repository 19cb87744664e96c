// Real scenes and rasters that broke other readers, where they lie beside the sources.

#include <gdal_priv.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>
#include <sstream>

#include "gdal/errors.hpp"
#include "raster/envi_layout.hpp"
#include "raster/input_hash.hpp"
#include "raster/open_scene.hpp"
#include "raster/scene_info.hpp"
#include "spectile/error.hpp"
#include "support/raster_files.hpp"

namespace spectile {
namespace {

using namespace testing_raster;

const std::string kData = SPECTILE_SOURCE_DIR "/../shared/data/";

std::unique_ptr<Scene> open(const std::string& path) {
    SceneDefinition definition;
    definition.paths = {path};
    return open_scene(definition);
}

Cube read_whole(const Scene& scene) {
    std::vector<int> bands(scene.info().bands.size());
    std::iota(bands.begin(), bands.end(), 0);
    Cube cube;
    scene.reader()->read(scene.info().grid.window(), bands, cube);
    return cube;
}

TEST(RealData, SamsonIsTheSameAsTiffAndAsEnvi) {
    if (!std::filesystem::exists(kData + "samson")) GTEST_SKIP() << "shared data are not there";
    const auto raw = open(kData + "samson/samson.dat"), tiff = open(kData + "samson/samson.tif");
    EXPECT_TRUE(raw->info().rasters[0].raw);
    EXPECT_FALSE(tiff->info().rasters[0].raw);
    EXPECT_EQ(read_whole(*raw).values, read_whole(*tiff).values);
    EXPECT_DOUBLE_EQ(raw->info().bands[155].scale, 1.0 / 1402);
}

TEST(RealData, EnmapHasItsSpectrumAndScale) {
    if (!std::filesystem::exists(kData + "enmap_potsdam")) GTEST_SKIP() << "shared data are not there";
    const auto scene = open(kData + "enmap_potsdam/enmap_potsdam.hdr");
    const SceneInfo& info = scene->info();
    ASSERT_EQ(info.bands.size(), 224U);
    EXPECT_EQ(info.bands[0].wavelength_nm, 418.24);
    EXPECT_EQ(info.bands[91].wavelength_nm, 902.257);  // The second detector begins again.
    EXPECT_TRUE(info.bands[0].fwhm_nm);
    EXPECT_DOUBLE_EQ(info.bands[0].scale, 1e-4);
    EXPECT_EQ(info.bands[0].unit, "reflectance");
    EXPECT_EQ(info.bands[0].nodata, -32768);
    EXPECT_TRUE(
        std::any_of(info.bands.begin(), info.bands.end(), [](const BandInfo& band) { return band.bad; }));
    EXPECT_FALSE(
        std::all_of(info.bands.begin(), info.bands.end(), [](const BandInfo& band) { return band.bad; }));
    EXPECT_TRUE(info.rasters[0].raw);
    EXPECT_EQ(hash_inputs(info).files.size(), 2U);
}

/// What a child process found. The messages go to its standard error.
enum Outcome : int { kRight = 0, kRefused = 10, kReadError = 11, kWrong = 12, kUntold = 13 };

/// Whether GDAL itself reads the file whole without a failure, and if so whether `cube` holds the same
/// values. Values are compared where we say that they are measured.
int compare_with_gdal(const std::string& path, const Scene& scene, const Cube& cube) {
    GdalErrors errors;
    const Dataset dataset(GDALDataset::Open(envi_data_file(path).c_str(), GDAL_OF_RASTER));
    if (!dataset) return kWrong;
    std::vector<float> plane(cube.pixels());
    for (int i = 0; i < cube.bands; ++i) {
        const BandInfo& band = scene.info().bands[static_cast<std::size_t>(i)];
        const int width = dataset->GetRasterXSize(), height = dataset->GetRasterYSize();
        if (dataset->GetRasterBand(band.raster_band + 1)
                ->RasterIO(GF_Read, 0, 0, width, height, plane.data(), width, height, GDT_Float32, 0, 0,
                           nullptr) != CE_None)
            return kWrong;
        for (std::size_t p = 0; p < plane.size(); ++p) {
            const float ours = cube.band(i)[p];
            const float gdal = band.type == DataType::Int8 && plane[p] > 127 ? plane[p] - 256 : plane[p];
            if (cube.valid[p] && ours != gdal) {
                std::fprintf(stderr, "%s: band %d pixel %zu: %g, GDAL says %g\n", path.c_str(), i + 1, p,
                             ours, gdal);
                return kWrong;
            }
        }
    }
    return errors.failed() ? kWrong : kRight;
}

/// Opens, describes and reads one file whole, in bounded pieces where it is huge.
int examine(const std::string& path) {
    std::unique_ptr<Scene> scene;
    try {
        scene = open(path);
        if (scene_info_json(path).empty()) return kUntold;
        if (scene_info_text(path).empty()) return kUntold;
    } catch (const Error& error) {
        return std::strlen(error.what()) > 0 && std::string(error.what()).find('\n') == std::string::npos
                   ? kRefused
                   : kUntold;
    }
    const Window all = scene->info().grid.window();
    const auto bands = static_cast<std::int64_t>(scene->info().bands.size());
    const bool huge = all.width * all.height > 4'000'000 || all.area() * bands > 16'000'000;
    try {
        if (!huge) return compare_with_gdal(path, *scene, read_whole(*scene));
        Cube cube;
        const int first = 0;
        scene->reader()->read({0, 0, std::min<std::int64_t>(all.width, 512), 1}, {&first, 1}, cube);
        return kRight;
    } catch (const Error& error) {
        std::fprintf(stderr, "%s | %s\n", error.what(), error.detail().c_str());
        return error.code() == Code::read ? kReadError : kUntold;
    }
}

/// Processor time for one file; sanitizers need several times as much.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr rlim_t kSeconds = 120;
#else
constexpr rlim_t kSeconds = 20;
#endif

/// Runs `examine` in a child with limits on processor time and memory. Negative: killed by that signal.
int examine_in_child(const std::string& path) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(200);  // Of hanging; the processor time below is what a busy machine does not stretch.
        const rlimit seconds{kSeconds, kSeconds}, no_core{0, 0};
        ::setrlimit(RLIMIT_CPU, &seconds);
        ::setrlimit(RLIMIT_CORE, &no_core);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        const rlimit bytes{rlim_t{3} << 30, rlim_t{3} << 30};
        ::setrlimit(RLIMIT_AS, &bytes);
#endif
        int outcome = kUntold;
        try {
            outcome = examine(path);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s: %s\n", path.c_str(), error.what());
        }
        ::_exit(outcome);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Whether the linked GDAL opens the file and reads all of its pixels without a complaint; in a child as
/// well.
bool gdal_reads(const std::string& path) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(200);
        const rlimit seconds{kSeconds, kSeconds};
        ::setrlimit(RLIMIT_CPU, &seconds);
        GdalErrors errors;
        const Dataset dataset(GDALDataset::Open(path.c_str(), GDAL_OF_RASTER));
        if (!dataset || dataset->GetRasterCount() == 0) ::_exit(1);
        const int width = dataset->GetRasterXSize(), height = dataset->GetRasterYSize();
        const bool huge = static_cast<std::int64_t>(width) * height * dataset->GetRasterCount() > 16'000'000;
        std::vector<float> plane(huge ? 512
                                      : static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
        for (int band = 1; band <= (huge ? 1 : dataset->GetRasterCount()); ++band) {
            const int w = huge ? std::min(width, 512) : width, h = huge ? 1 : height;
            if (dataset->GetRasterBand(band)->RasterIO(GF_Read, 0, 0, w, h, plane.data(), w, h, GDT_Float32,
                                                       0, 0, nullptr) != CE_None)
                ::_exit(1);
        }
        ::_exit(errors.failed() ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(RealData, RastersThatBrokeReadersBreakNothingHere) {
    std::ifstream manifest(kData + "robustness/manifest.tsv");
    if (!manifest) GTEST_SKIP() << "shared data are not there";
    start_gdal();
    std::string line;
    std::getline(manifest, line);
    int files = 0, right = 0;
    while (std::getline(manifest, line)) {
        std::istringstream cells(line);
        std::string name, bytes, verdict;
        std::getline(cells, name, '\t');
        std::getline(cells, bytes, '\t');
        std::getline(cells, verdict, '\t');
        const std::string path = kData + "robustness/" + name;
        const int outcome = examine_in_child(path);
        EXPECT_THAT(outcome, testing::AnyOf(kRight, kRefused, kReadError)) << path;
        // A side file such as a world file is no scene, but a header stands for its data file.
        if (verdict != "side" && gdal_reads(path)) {
            EXPECT_EQ(outcome, kRight) << path;
        }
        ++files;
        right += outcome == kRight;
    }
    EXPECT_GT(files, 300);
    EXPECT_GT(right, 200);
}

}  // namespace
}  // namespace spectile
