#pragma once

#include "spectile/model.hpp"

namespace spectile {

/// Runs the card's selftest.safetensors where it has one: `input` [bands, rows, cols] (prepared pixels, all
/// valid), `output` [channels, rows', cols'] as a runner gives it, `tolerance` (one number: the greatest
/// absolute difference).
///
/// Throws Error{Code::verification} naming the file and the difference, Error{Code::model} if the file does
/// not fit.
void run_selftest(const ModelCard& card, const Model& model);

}  // namespace spectile
