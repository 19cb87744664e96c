#include "models/entries/spectral_mamba_config.hpp"

#include <nlohmann/json.hpp>

#include "models/entries/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::entries {
namespace {

// Far above any sensor or network; they keep sizes computed from a hostile card within 64 bits.
constexpr int kMaxBands = 65536, kMaxClasses = 65536, kMaxWidth = 65536, kMaxState = 4096, kMaxDepth = 1024,
              kMaxSide = 255;

int odd(const Parameters& parameters, const std::string& key, int fallback) {
    const int value = parameters.whole(key, fallback, 1, kMaxSide);
    if (value % 2 == 0) parameters.refuse(key, "must be odd, not " + std::to_string(value));
    return value;
}

int count(const Parameters& parameters, const std::string& key, int fallback, int high) {
    if (!parameters.has(key) && fallback <= 0) parameters.refuse(key, "is missing");
    return parameters.whole(key, fallback, 1, high);
}

}  // namespace

SpectralMambaConfig parse_spectral_mamba(const std::string& json, const std::string& where,
                                         int bands_fallback, int classes_fallback) {
    const Parameters given(json, where,
                           {"bands", "classes", "patch_size", "gssm_kernel", "gssm_padding", "piece_len",
                            "d_model", "depth", "expand", "d_state", "d_conv", "dt_rank", "ln_eps"});
    SpectralMambaConfig config;
    config.bands = count(given, "bands", bands_fallback, kMaxBands);
    config.classes = count(given, "classes", classes_fallback, kMaxClasses);
    config.patch_size = odd(given, "patch_size", config.patch_size);
    config.gssm_kernel = odd(given, "gssm_kernel", config.gssm_kernel);
    config.gssm_padding = given.one_of("gssm_padding", config.gssm_padding, {"zero", "halo"});
    config.piece_len = given.whole("piece_len", config.piece_len, 1, kMaxBands);
    config.d_model = given.whole("d_model", config.d_model, 1, kMaxWidth);
    config.depth = given.whole("depth", config.depth, 1, kMaxDepth);
    config.expand = given.whole("expand", config.expand, 1, kMaxSide);
    config.d_state = given.whole("d_state", config.d_state, 1, kMaxState);
    config.d_conv = given.whole("d_conv", config.d_conv, 1, kMaxSide);
    config.dt_rank = given.whole("dt_rank", config.dt_rank, 0, kMaxWidth);
    config.ln_eps = given.positive("ln_eps", config.ln_eps);
    return config;
}

SpectralMambaConfig spectral_mamba_config(const ModelCard& card) {
    const int bands = static_cast<int>(card.bands.size()), classes = static_cast<int>(card.classes.size());
    const auto config = parse_spectral_mamba(card.parameters, card.file, bands, classes);
    const auto agree = [&](const char* key, int said, int listed) {
        if (listed > 0 && said != listed)
            throw Error(Code::model, card.file + ": parameters." + key + ": is " + std::to_string(said) +
                                         ", but the card lists " + std::to_string(listed) + " " + key);
    };
    agree("bands", config.bands, bands);
    agree("classes", config.classes, classes);
    return config;
}

double SpectralMambaConfig::parameter_count() const {
    const double C = bands, K = classes, k = gssm_kernel, p = piece_len, D = d_model, E = inner(),
                 N = d_state, r = rank(), w = d_conv;
    const double gssm = patch_size > 1 ? C * k * k + C * C + 2 * C : 0;
    const double block = 2 * D + 2 * D * E + w * E + E + E * (r + 2 * N) + r * E + E + E * N + E + D * E;
    return gssm + p * D + D + depth * block + 2 * D + D * K + K;
}

double SpectralMambaConfig::flops_per_pixel() const {
    const double C = bands, K = classes, P = patch_size, k = gssm_kernel, p = piece_len, L = tokens(),
                 D = d_model, E = inner(), N = d_state, r = rank(), w = d_conv;
    double macs = 0;
    if (P > 1 && gssm_padding == "halo") {
        macs += k * k * C + C * C;
    } else if (P > 1) {
        double live = 0;  // Taps that stay inside the patch, over all positions of one axis.
        for (int at = 0; at < patch_size; ++at)
            for (int tap = -gssm_kernel / 2; tap <= gssm_kernel / 2; ++tap)
                live += at + tap >= 0 && at + tap < patch_size;
        macs += live * live * C + P * P * C * C + P * P * C;
    }
    macs += L * p * D;
    macs += depth * L * (2 * D * E + w * E + E * (r + 2 * N) + r * E + D * E);
    macs += D * K;
    return 2 * macs + depth * L * (6 * E * N + 3 * E);
}

double SpectralMambaConfig::exps_per_pixel() const {
    const double C = bands, P = patch_size, L = tokens(), E = inner(), N = d_state;
    const double masks = patch_size == 1 ? 0 : gssm_padding == "halo" ? C : P * P * C;
    return masks + depth * L * (3 * E + E * N);
}

std::string to_json(const SpectralMambaConfig& c) {
    return nlohmann::json{{"bands", c.bands},
                          {"classes", c.classes},
                          {"patch_size", c.patch_size},
                          {"gssm_kernel", c.gssm_kernel},
                          {"gssm_padding", c.gssm_padding},
                          {"piece_len", c.piece_len},
                          {"d_model", c.d_model},
                          {"depth", c.depth},
                          {"expand", c.expand},
                          {"d_state", c.d_state},
                          {"d_conv", c.d_conv},
                          {"dt_rank", c.dt_rank},
                          {"ln_eps", c.ln_eps}}
        .dump();
}

}  // namespace spectile::entries
