#include "kernels/transpose_samples.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <vector>

namespace spectile::kernels {
namespace {

TEST(TransposeSamples, EverySampleOfEverySizeComesToItsBand) {
    for (const std::size_t bytes : {1, 2, 4, 8})
        for (const std::size_t pixels : {1, 7, 8, 64, 61})
            for (const std::size_t samples : {1, 3, 8, 200, 37}) {
                SCOPED_TRACE(testing::Message() << bytes << " bytes, " << pixels << " x " << samples);
                // One byte before, so that nothing is aligned; every byte tells its place.
                std::vector<unsigned char> from(1 + pixels * samples * bytes);
                for (std::size_t i = 0; i < from.size(); ++i)
                    from[i] = static_cast<unsigned char>(i * 151 >> 3);
                const std::size_t stride = pixels + 3;
                std::vector<unsigned char> to(samples * stride * bytes, 0xEE);
                transpose_samples({from.data() + 1, pixels, samples, bytes}, to.data(), stride);
                for (std::size_t s = 0; s < samples; ++s) {
                    for (std::size_t p = 0; p < pixels; ++p)
                        ASSERT_EQ(std::memcmp(to.data() + (s * stride + p) * bytes,
                                              from.data() + 1 + (p * samples + s) * bytes, bytes),
                                  0)
                            << "sample " << s << " of pixel " << p;
                    for (std::size_t i = (s * stride + pixels) * bytes; i < (s + 1) * stride * bytes; ++i)
                        ASSERT_EQ(to[i], 0xEE) << "written beyond a band's pixels";
                }
            }
}

}  // namespace
}  // namespace spectile::kernels
