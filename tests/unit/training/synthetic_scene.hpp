#pragma once

#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "spectile/training.hpp"
#include "training/random.hpp"

namespace spectile::training {

/// A folder of its own that goes with the object.
class TestFolder {
public:
    TestFolder() {
        static std::atomic<int> number = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("spectile-training-" + std::to_string(getpid()) + "-" + std::to_string(number++));
        std::filesystem::create_directories(path_);
    }
    ~TestFolder() { std::filesystem::remove_all(path_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

inline constexpr int kSceneSide = 32, kSceneBands = 12;

/// An ENVI scene of int16 reflectance times 10000 and its labels: four by four squares of 8 pixels whose
/// classes 1 to 3 have a peak at another wavelength each. Pixel (0, 0) has no measurement, band 12 is bad,
/// column 31 is unlabelled.
inline void write_scene(const TestFolder& folder) {
    std::vector<std::int16_t> pixels;
    std::vector<std::uint8_t> labels;
    Random random(11, Purpose::split, {});
    const auto class_at = [](int x, int y) { return (x / 8 + y / 8) % 3 + 1; };
    for (int band = 0; band < kSceneBands; ++band)
        for (int y = 0; y < kSceneSide; ++y)
            for (int x = 0; x < kSceneSide; ++x) {
                const double distance = band - 3.0 * class_at(x, y);
                const double value = 2000 + 1500 * std::exp(-distance * distance / 4) + 150 * random.normal();
                const bool gap = x + y == 0 || band == kSceneBands - 1;
                pixels.push_back(gap ? std::int16_t{-32768} : static_cast<std::int16_t>(value));
            }
    for (int y = 0; y < kSceneSide; ++y)
        for (int x = 0; x < kSceneSide; ++x)
            labels.push_back(x == kSceneSide - 1 ? std::uint8_t{0}
                                                 : static_cast<std::uint8_t>(class_at(x, y)));
    const auto header = [&](int bands, int type, const std::string& more) {
        return "ENVI\nsamples = 32\nlines = 32\nbands = " + std::to_string(bands) +
               "\nheader offset = 0\nfile type = ENVI Standard\ndata type = " + std::to_string(type) +
               "\ninterleave = bsq\nbyte order = 0\n" + more;
    };
    std::string wavelengths, fwhm, bad;
    for (int band = 0; band < kSceneBands; ++band) {
        const std::string separator = band ? ", " : "";
        wavelengths += separator + std::to_string(500 + 10 * band);
        fwhm += separator + "8.5";
        bad += separator + (band == kSceneBands - 1 ? "0" : "1");
    }
    std::ofstream(folder.file("scene.dat"), std::ios::binary)
        .write(reinterpret_cast<const char*>(pixels.data()), static_cast<std::streamsize>(pixels.size() * 2));
    std::ofstream(folder.file("scene.hdr")) << header(
        kSceneBands, 2,
        "wavelength units = Nanometers\ndata ignore value = -32768\nreflectance scale factor = 10000\n"
        "wavelength = {" +
            wavelengths + "}\nfwhm = {" + fwhm + "}\nbbl = {" + bad + "}\n");
    std::ofstream(folder.file("labels.dat"), std::ios::binary)
        .write(reinterpret_cast<const char*>(labels.data()), static_cast<std::streamsize>(labels.size()));
    std::ofstream(folder.file("labels.hdr")) << header(1, 1, "");
}

/// The scene's labels where `keep` says so, unlabelled elsewhere, as NAME.dat.
inline void write_labels(const TestFolder& folder, const std::string& name,
                         const std::function<bool(int x, int y)>& keep) {
    std::ifstream whole(folder.file("labels.dat"), std::ios::binary);
    std::vector<char> labels(static_cast<std::size_t>(kSceneSide) * kSceneSide);
    whole.read(labels.data(), static_cast<std::streamsize>(labels.size()));
    for (int y = 0; y < kSceneSide; ++y)
        for (int x = 0; x < kSceneSide; ++x)
            if (!keep(x, y)) labels[static_cast<std::size_t>(y * kSceneSide + x)] = 0;
    std::ofstream(folder.file(name + ".dat"), std::ios::binary)
        .write(labels.data(), static_cast<std::streamsize>(labels.size()));
    std::filesystem::copy_file(folder.file("labels.hdr"), folder.file(name + ".hdr"));
}

/// A training on that scene that takes seconds. Squares 5 and 10 validate, 3 tests.
inline Training definition_in(const TestFolder& folder) {
    Training t;
    t.file = folder.file("training.yaml");
    t.name = "synthetic";
    t.output = folder.file("model");
    t.architecture = "spectral_mamba";
    t.parameters = R"({"piece_len": 3, "d_model": 8, "d_state": 4})";
    t.scenes.emplace_back();
    t.scenes[0].paths = {folder.file("scene.dat")};
    t.labels.push_back({folder.file("labels.dat"), "", 0});
    t.classes = {{1, "low", {255, 0, 0}}, {2, "middle", {0, 255, 0}}, {3, "high", {0, 0, 255}}};
    t.quantity = "reflectance";
    t.prepare.push_back({"standardise", R"({"from": "scene"})", "", {t.file, 1}});
    t.split.tile = 8;
    t.split.validation = {5, 10};
    t.split.test = {3};
    t.recipe = R"({"epochs": 6, "learning_rate": 0.01, "moving_average": 0.9,
                   "augmentation": {"flips": true, "turns": true, "brightness": 0.05}})";
    return t;
}

}  // namespace spectile::training
