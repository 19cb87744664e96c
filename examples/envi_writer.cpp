#include "envi_writer.hpp"

#include <vector>

#include "spectile/error.hpp"

namespace simulation {
namespace {

const char* name_of(Interleave interleave) {
    return interleave == Interleave::bsq ? "bsq" : interleave == Interleave::bil ? "bil" : "bip";
}

}  // namespace

EnviWriter::EnviWriter(const std::filesystem::path& stem, int width, int height, int bands, int data_type,
                       Interleave interleave, const std::string& header)
    : file_(stem.string() + ".dat"),
      out_(file_, std::ios::binary),
      width_(width),
      height_(height),
      bands_(bands),
      interleave_(interleave) {
    std::ofstream text(stem.string() + ".hdr");
    text << "ENVI\nsamples = " << width << "\nlines = " << height << "\nbands = " << bands
         << "\nheader offset = 0\ndata type = " << data_type << "\ninterleave = " << name_of(interleave)
         << "\nbyte order = 0\n"
         << header;
    text.close();
    if (!out_ || !text)
        throw spectile::Error(spectile::Code::publish,
                              file_.string() + ": cannot be created; is the folder there?");
}

void EnviWriter::write_row(int row, std::span<const std::int16_t> samples) { write(row, samples); }
void EnviWriter::write_row(int row, std::span<const std::uint8_t> samples) { write(row, samples); }

template <typename Sample>
void EnviWriter::write(int row, std::span<const Sample> samples) {
    const auto put = [&](std::int64_t first_sample, std::span<const Sample> part) {
        out_.seekp(first_sample * static_cast<std::int64_t>(sizeof(Sample)));
        out_.write(reinterpret_cast<const char*>(part.data()),
                   static_cast<std::streamsize>(part.size_bytes()));
    };
    const std::int64_t start = static_cast<std::int64_t>(row) * width_;
    if (interleave_ == Interleave::bil) return put(start * bands_, samples);
    if (interleave_ == Interleave::bsq) {
        for (std::int64_t band = 0; band < bands_; ++band)
            put(band * width_ * height_ + start, samples.subspan(band * width_, width_));
        return;
    }
    std::vector<Sample> turned(samples.size());
    for (int band = 0; band < bands_; ++band)
        for (int col = 0; col < width_; ++col)
            turned[static_cast<std::size_t>(col) * bands_ + band] =
                samples[static_cast<std::size_t>(band) * width_ + col];
    put(start * bands_, turned);
}

void EnviWriter::close() {
    out_.close();
    if (!out_)
        throw spectile::Error(spectile::Code::write,
                              file_.string() + ": not written in full; is the disk full?");
}

}  // namespace simulation
