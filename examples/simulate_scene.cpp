// Makes a hyperspectral scene by simulation, with its truth, so that spectile can be tried without any data.
//   simulate_scene OUT [--size WIDTHxHEIGHT] [--interleave bsq|bil|bip] [--seed N] [--spectra FILE.csv]
// writes OUT.dat and OUT.hdr (int16 reflectance x 10000, 224 bands) and OUT_truth.dat and .hdr (classes 1 to
// 6). The landscape is invented and the spectra are drawn by hand: nothing here was measured.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string_view>

#include "envi_writer.hpp"
#include "landscape.hpp"
#include "spectile/error.hpp"
#include "spectra.hpp"

namespace simulation {
namespace {

constexpr int kNodata = -32768;

struct Options {
    std::string out;
    std::string spectra = SPECTILE_SPECTRA_CSV;
    int width = 512, height = 512;
    std::uint32_t seed = 1;
    Interleave interleave = Interleave::bsq;
};

[[noreturn]] void refuse(const std::string& what) {
    throw spectile::Error(spectile::Code::usage,
                          what +
                              "; usage: simulate_scene OUT [--size WIDTHxHEIGHT] [--interleave bsq|bil|bip] "
                              "[--seed N] [--spectra FILE.csv]");
}

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (!name.starts_with("--")) {
            if (!options.out.empty()) refuse("only one OUT is taken");
            options.out = name;
            continue;
        }
        if (++i == argc) refuse(std::string(name) + " needs a value");
        const std::string value = argv[i];
        if (name == "--size") {
            if (std::sscanf(value.c_str(), "%dx%d", &options.width, &options.height) != 2 ||
                options.width < 8 || options.height < 8)
                refuse("--size takes WIDTHxHEIGHT, at least 8x8");
        } else if (name == "--interleave") {
            if (value != "bsq" && value != "bil" && value != "bip")
                refuse("--interleave takes bsq, bil or bip");
            options.interleave = value == "bsq"   ? Interleave::bsq
                                 : value == "bil" ? Interleave::bil
                                                  : Interleave::bip;
        } else if (name == "--seed") {
            options.seed = static_cast<std::uint32_t>(std::strtoul(value.c_str(), nullptr, 10));
        } else if (name == "--spectra") {
            options.spectra = value;
        } else {
            refuse("unknown option " + std::string(name));
        }
    }
    if (options.out.empty()) refuse("OUT is missing");
    return options;
}

/// `key = {value of each band}`
template <typename Value>
std::string list(const char* key, const std::vector<SensorBand>& bands, Value value) {
    std::ostringstream text;
    text.precision(7);
    text << key << " = {";
    for (std::size_t i = 0; i < bands.size(); ++i) text << (i ? ", " : "") << value(bands[i]);
    text << "}\n";
    return text.str();
}

const char* kMapInfo = "map info = {UTM, 1, 1, 360000, 5820000, 30, 30, 33, North, WGS-84, units=Meters}\n";

std::string scene_header(const std::vector<SensorBand>& bands) {
    return std::string("description = {simulated scene: invented landscape, spectra drawn by hand}\n") +
           kMapInfo + "wavelength units = Nanometers\ndata ignore value = " + std::to_string(kNodata) +
           "\nreflectance scale factor = 10000\n" +
           list("wavelength", bands, [](const SensorBand& b) { return b.wavelength_nm; }) +
           list("fwhm", bands, [](const SensorBand& b) { return b.fwhm_nm; }) +
           list("bbl", bands, [](const SensorBand& b) { return b.bad ? 0 : 1; });
}

std::string truth_header(const Spectra& spectra) {
    std::string names = "unlabelled";
    for (int m = 0; m < spectra.count(); ++m) names += ", " + spectra.name(m);
    return std::string("file type = ENVI Classification\n") + kMapInfo +
           "data ignore value = 0\nclasses = " + std::to_string(spectra.count() + 1) + "\nclass names = {" +
           names + "}\n" +
           "class lookup = {0, 0, 0, 230, 77, 60, 150, 150, 150, 190, 215, 90, 30, 110, 50, 175, 125, 70, "
           "40, 90, 190}\n";
}

/// Reflectance x 10000 of one pixel in one band: linear mixture, brightness, and noise of 0.2 % (4 % in bad
/// bands).
std::int16_t sample(const GroundPixel& pixel, const std::vector<double>& curve, double noise, bool bad) {
    double reflectance = 0;
    for (int m = 0; m < kMaterials; ++m) reflectance += pixel.share[m] * curve[m];
    reflectance = bad ? 0.02 + 0.04 * noise : reflectance * pixel.brightness + 0.002 * noise;
    return static_cast<std::int16_t>(std::lround(10000 * std::clamp(reflectance, 0.0001, 1.5)));
}

void simulate(const Options& options) {
    const auto spectra = Spectra::read(options.spectra);
    if (spectra.count() != kMaterials)
        throw spectile::Error(
            spectile::Code::scene,
            options.spectra + ": six materials are needed, in the order of examples/spectra.csv");
    const auto bands = enmap_like_bands();
    const int count = static_cast<int>(bands.size());
    std::vector<std::vector<double>> curves(count, std::vector<double>(kMaterials));
    for (int b = 0; b < count; ++b)
        for (int m = 0; m < kMaterials; ++m) curves[b][m] = spectra.at(m, bands[b].wavelength_nm);

    const Landscape landscape(options.width, options.height, options.seed);
    EnviWriter scene(options.out, options.width, options.height, count, 2, options.interleave,
                     scene_header(bands));
    EnviWriter truth(options.out + "_truth", options.width, options.height, 1, 1, Interleave::bsq,
                     truth_header(spectra));
    std::vector<std::int16_t> samples(static_cast<std::size_t>(options.width) * count);
    std::vector<std::uint8_t> labels(options.width);
    for (int row = 0; row < options.height; ++row) {
        for (int col = 0; col < options.width; ++col) {
            const GroundPixel pixel = landscape.pixel(col, row);
            labels[col] = static_cast<std::uint8_t>(pixel.truth());
            for (int b = 0; b < count; ++b) {
                // The sum of two uniform numbers is near enough to a normal one for noise.
                const std::uint64_t place =
                    (static_cast<std::uint64_t>(row) << 32) | static_cast<std::uint32_t>(col);
                const double noise =
                    hash_unit(options.seed + 11, place, b) + hash_unit(options.seed + 12, place, b) - 1;
                samples[static_cast<std::size_t>(b) * options.width + col] =
                    pixel.valid ? sample(pixel, curves[b], 2.45 * noise, bands[b].bad)
                                : static_cast<std::int16_t>(kNodata);
            }
        }
        scene.write_row(row, samples);
        truth.write_row(row, labels);
    }
    scene.close();
    truth.close();
    std::cout << options.out << ".dat: simulated scene, " << options.width << " x " << options.height << ", "
              << count << " bands; not a measurement\n";
}

}  // namespace
}  // namespace simulation

int main(int argc, char** argv) {
    try {
        simulation::simulate(simulation::parse(argc, argv));
        return 0;
    } catch (const spectile::Error& error) {
        std::cerr << "simulate_scene: " << error.what() << '\n';
        return spectile::exit_code(error.code());
    } catch (const std::exception& error) {
        std::cerr << "simulate_scene: " << error.what() << '\n';
        return 70;
    }
}
