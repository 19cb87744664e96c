#include "pipeline/format_examples.hpp"

namespace spectile::definition {
namespace {

constexpr const char* kPipeline = R"(spectile: 1
scene: {path: scene.hdr, nodata: -32768}
aoi: {bbox: [12.9, 52.3, 13.2, 52.5], crs: EPSG:4326}
model: ../models/enmap-landcover
prepare:
  - scale: {factor: 0.0001}             # beyond what the model card itself says
tiling: {tile: auto, part: auto, blend: auto}
products:
  class_map:  {path: out/landcover.tif, options: {COMPRESS: ZSTD}}
  confidence: {path: out/confidence.tif, measure: margin}
  report:     out/report.html           # short for {path: out/report.html}
)";

constexpr const char* kModel = R"(spectile: 1
name: water-4
summary: Water and its surroundings from four bands of surface reflectance.
task: classification
architecture: spectral_mamba
parameters: {depth: 1}
bands:
  wavelengths: [490.0, 560.0, 665.0, 842.0]
  fwhm: [65.0, 35.0, 30.0, 115.0]
  names: [blue, green, red, near infrared]
quantity: reflectance
matching: {by: wavelength, tolerance: 20, resample: none}
prepare:
  - standardise: {mean: [0.05, 0.08, 0.07, 0.25], std: [0.02, 0.03, 0.04, 0.1]}
halo: 1
padding: nearest
classes:
  - {value: 1, name: water, color: '#1f77b4'}
  - {value: 2, name: vegetation, color: '#2c823c'}
  - {value: 3, name: bare ground, color: '#a0693c'}
nodata: 0
licence: Apache-2.0
)";

constexpr const char* kTraining = R"(spectile: 1
name: water-4
summary: Water and its surroundings from four bands of surface reflectance.
output: models/water-4
architecture: spectral_mamba
parameters: {depth: 1}
scenes:
  - path: north.tif
    labels: {path: north_truth.gpkg, attribute: class, ignore: 0}
  - path: south.tif
    labels: south_truth.tif
classes: [water, vegetation, bare ground]   # short for value 1, 2, 3 with colours from the palette
quantity: reflectance
prepare:
  - standardise: {from: scene}
split: {by: tiles, tile: 32, validation: [3, 17], test: [5]}
recipe:
  epochs: 100
  learning_rate: 0.001
  augmentation: {flips: true, noise: 0.01}
seeds: [1, 2, 3]
licence: Apache-2.0
)";

}  // namespace

const char* example_of(DefinitionKind kind) {
    switch (kind) {
        case DefinitionKind::pipeline:
            return kPipeline;
        case DefinitionKind::model:
            return kModel;
        case DefinitionKind::training:
            break;
    }
    return kTraining;
}

}  // namespace spectile::definition
