// How fast a scene's tiles are read, against the least that any reader must do with the same bytes, in turns:
// of raw files one pass in memory that turns them into band-major float32, of others the decoding of every
// block once, in the file's order. One thread.
//
//   reading_benchmark MODEL SCENE...      MODEL decides the tiles
#include <fmt/format.h>
#include <gdal_priv.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "gdal/setup.hpp"
#include "pipeline/model_card.hpp"
#include "raster/byte_count.hpp"
#include "run/job.hpp"
#include "spectile/error.hpp"

namespace {

namespace fs = std::filesystem;
using namespace spectile;
using Clock = std::chrono::steady_clock;
constexpr int kRuns = 3;

double seconds_of(const std::function<void()>& work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

run::Job job_of(const std::string& scene, const std::string& model) {
    Pipeline pipeline;
    pipeline.scenes.resize(1);
    pipeline.scenes.front().paths = {scene};
    pipeline.model = model;
    const bool bands = read_model_card(model).architecture == "identity";
    pipeline.products.push_back(
        {bands ? "bands" : "class_map", fs::temp_directory_path() / "never-written.tif", "", {}, "{}", {}});
    RunOptions options;
    options.threads = 1;
    return run::open_job(pipeline, pipeline.scenes.front(), options);
}

/// Into a worker's cube, which is used again.
void read_tiles(const run::Job& job, Cube& cube) {
    const auto reader = job.scene->reader();
    for (std::int64_t i = 0; i < job.plan.tiles.count(); ++i)
        reader->read(intersect(job.plan.tiles.tile(i).padded, job.scene->info().grid.window()),
                     job.chain->source_bands(), cube);
}

/// The scene as it lies in its file.
std::vector<std::uint16_t> in_memory(const std::string& path) {
    std::vector<std::uint16_t> values(fs::file_size(path) / sizeof(std::uint16_t));
    std::ifstream(path, std::ios::binary)
        .read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(fs::file_size(path)));
    return values;
}

/// One pass over the bytes in the file's order; the float32 values go round and round through memory of a
/// cube's size.
void convert_once(const std::vector<std::uint16_t>& values, const SceneInfo& info, std::span<float> cube) {
    const auto width = static_cast<std::size_t>(info.grid.width), bands = info.bands.size();
    if (info.rasters.front().interleave != Interleave::pixel) {
        for (std::size_t at = 0; at < values.size(); at += cube.size())
            std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(at),
                        std::min(cube.size(), values.size() - at), cube.begin());
        return;
    }
    constexpr std::size_t kPixels = 64;  // Transposed within the first-level cache.
    const std::size_t height = std::max<std::size_t>(1, cube.size() / (width * bands));
    for (std::size_t row = 0; row < static_cast<std::size_t>(info.grid.height); ++row)
        for (std::size_t begin = 0; begin < width; begin += kPixels)
            for (std::size_t band = 0; band < bands; ++band)
                for (std::size_t col = begin; col < std::min(width, begin + kPixels); ++col)
                    cube[(band * height + row % height) * width + col] =
                        values[(row * width + col) * bands + band];
}

/// Every block decoded once, as GDAL gives it.
void decode_once(const std::string& path) {
    const GDALDatasetUniquePtr dataset(GDALDataset::Open(path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY));
    int width = 0, height = 0;
    dataset->GetRasterBand(1)->GetBlockSize(&width, &height);
    const int cols = (dataset->GetRasterXSize() + width - 1) / width,
              rows = (dataset->GetRasterYSize() + height - 1) / height;
    const char* interleave = dataset->GetMetadataItem("INTERLEAVE", "IMAGE_STRUCTURE");
    const bool together = interleave && EQUAL(interleave, "PIXEL");
    const int bands = dataset->GetRasterCount();
    const auto touch = [&](int band, int col, int row) {
        if (auto* block = dataset->GetRasterBand(band)->GetLockedBlockRef(col, row)) block->DropLock();
    };
    for (int outer = 1; outer <= (together ? 1 : bands); ++outer)
        for (int row = 0; row < rows; ++row)
            for (int col = 0; col < cols; ++col)
                for (int band = outer; band <= (together ? bands : outer); ++band) touch(band, col, row);
}

void bench(const std::string& scene, const std::string& model) {
    const run::Job job = job_of(scene, model);
    const auto& info = job.scene->info();
    const Storage& storage = info.rasters.front();
    const std::string file = storage.name;
    set_gdal_cache_bytes(job.plan.gdal_cache_bytes);
    std::vector<double> ours, least;
    std::vector<std::uint16_t> values;
    Cube cube;
    read_tiles(job, cube);
    std::vector<float> other(cube.values);
    if (storage.raw) values = in_memory(file);
    for (int i = 0; i < kRuns; ++i) {
        ours.push_back(seconds_of([&] { read_tiles(job, cube); }));
        least.push_back(
            seconds_of([&] { storage.raw ? convert_once(values, info, other) : decode_once(file); }));
    }
    const run::Job counted = job_of(storage.raw ? scene : counted_name(fs::absolute(scene)), model);
    raw_bytes_read() = 0;
    counted_vsi_bytes_read() = 0;
    read_tiles(counted, cube);
    const auto read = static_cast<double>(raw_bytes_read() + counted_vsi_bytes_read());
    const double samples =
        static_cast<double>(info.grid.window().area()) * static_cast<double>(info.bands.size()) * 2e-6;
    fmt::print("{:<28} {:>6.0f} MB/s, {:.2f} of the time of {}; bytes read {:.2f} of the file; {:.2f} s\n",
               fs::path(scene).filename().string(), samples / median(ours), median(ours) / median(least),
               storage.raw ? "one pass in memory" : "decoding once", read / double(fs::file_size(file)),
               median(ours));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        fmt::print(stderr, "usage: reading_benchmark MODEL SCENE...\n");
        return 64;
    }
    try {
        start_gdal();
        install_counting_files();
        for (int i = 2; i < argc; ++i) bench(argv[i], fs::absolute(argv[1]));
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "reading_benchmark: {}\n", error.what());
        return 1;
    }
}
