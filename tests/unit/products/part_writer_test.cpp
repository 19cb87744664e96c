#include "products/part_writer.hpp"

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "core/checksum.hpp"
#include "products/gdal_dataset.hpp"
#include "products_fixture.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

RasterFormat floats(int bands) {
    RasterFormat format;
    format.type = DataType::Float32;
    format.bands = bands;
    return format;
}

/// Values that no codec can shorten.
float noise(int band, std::int64_t row, std::int64_t col) {
    auto x = static_cast<std::uint32_t>(band * 7919 + row * 104729 + col * 1299709);
    x = (x ^ (x >> 15)) * 0x2c1b3c6du;
    x = (x ^ (x >> 12)) * 0x297a2d39u;
    return static_cast<float>((x ^ (x >> 15)) & 0xffffffu);
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        names.push_back(entry.path().filename());
    return names;
}

TEST(PartWriter, ChecksumsAreThoseOfTheClippedBandMajorValues) {
    const ScratchFolder folder;
    const auto part = write_part<float>(folder / "part.tif", floats(2), {0, 0, 80, 70}, 64, noise);
    ASSERT_EQ(part.blocks.size(), 4u);
    std::vector<float> last;  // Block (1, 1): columns 64 to 79, rows 64 to 69.
    for (int band = 0; band < 2; ++band)
        for (int row = 64; row < 70; ++row)
            for (int col = 64; col < 80; ++col) last.push_back(noise(band, row, col));
    EXPECT_EQ(part.blocks[3], xxh3_hex(last.data(), last.size() * sizeof(float)));
}

TEST(PartWriter, LeavesOnlyTheFinishedFile) {
    const ScratchFolder folder;
    {
        PartWriter writer(folder / "part.tif", floats(1), {64, 64, 64});
        EXPECT_FALSE(std::filesystem::exists(folder / "part.tif"));
        EXPECT_EQ(names_in(folder.path()).size(), 1u);
    }
    EXPECT_TRUE(names_in(folder.path()).empty());
    write_part<float>(folder / "part.tif", floats(1), {0, 0, 64, 64}, 64, noise);
    EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("part.tif"));
}

TEST(PartWriter, IsCompressedUnlessItsProductIsNot) {
    const ScratchFolder folder;
    const std::vector<float> values(64 * 64, 1.5F);
    const auto codec_of = [&](const PartWriting& how) {
        const std::string path = folder / "part.tif";
        PartWriter writer(path, floats(1), {64, 64, 64}, how);
        writer.write_rows(0, 64, std::as_bytes(std::span(values)));
        const auto record = writer.close();
        EXPECT_TRUE(is_part_whole(record, 64));
        const auto dataset = open_raster(path);
        const char* codec = dataset->GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE");
        return std::string(codec ? codec : "");
    };
    EXPECT_EQ(codec_of({}), lossless_codec(driver_of("GTiff")));
    EXPECT_EQ(codec_of({.compress = false}), "");
}

TEST(PartWriter, IsWrittenOnScratchAndCopiedWhole) {
    const ScratchFolder folder, scratch;
    const std::vector<float> values(64 * 64, 7.f);
    const auto write = [&](const std::string& name, const std::string& where) {
        PartWriter writer(folder / name, floats(1), {64, 64, 64}, {.scratch = where});
        EXPECT_EQ(names_in(scratch.path()).size(), where.empty() ? 0u : 1u);
        writer.write_rows(0, 64, std::as_bytes(std::span(values)));
        return writer.close();
    };
    const auto straight = write("straight.tif", ""), copied = write("copied.tif", scratch.path());
    EXPECT_EQ(straight.blocks, copied.blocks);
    EXPECT_TRUE(is_part_whole(copied, 64));
    EXPECT_EQ(bytes_of(folder / "straight.tif"), bytes_of(folder / "copied.tif"));
    EXPECT_THAT(names_in(folder.path()), testing::UnorderedElementsAre("straight.tif", "copied.tif"));
    { PartWriter dropped(folder / "dropped.tif", floats(1), {64, 64, 64}, {.scratch = scratch.path()}); }
    EXPECT_TRUE(names_in(scratch.path()).empty());
}

TEST(PartWriter, RowsThatAreNoWholeBlocksAreRefused) {
    const ScratchFolder folder;
    PartWriter writer(folder / "part.tif", floats(1), {64, 128, 64});
    const std::vector<float> values(64 * 32);
    EXPECT_THROW(writer.write_rows(0, 32, std::as_bytes(std::span(values))), Error);
    EXPECT_THROW(writer.close(), Error);
}

TEST(PartWriter, WholePartsAreToldFromDamagedOnes) {
    const ScratchFolder folder;
    PartWriter writer(folder / "part.tif", floats(1), {64, 64, 64});
    std::vector<float> values(64 * 64);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = noise(0, 0, static_cast<std::int64_t>(i));
    writer.write_rows(0, 64, std::as_bytes(std::span(values)));
    const auto record = writer.close();
    EXPECT_TRUE(is_part_whole(record, 64));
    std::fstream file(record.path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(record.bytes / 2);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(record.bytes / 2);
    file.put(byte);
    file.close();
    EXPECT_FALSE(is_part_whole(record, 64));
    std::filesystem::remove(record.path);
    EXPECT_FALSE(is_part_whole(record, 64));
}

TEST(PartWriter, AFolderThatIsGoneIsNamed) {
    const ScratchFolder folder;
    try {
        PartWriter writer(folder / "gone/part.tif", floats(1), {64, 64, 64});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::write);
        EXPECT_THAT(error.what(), testing::HasSubstr("gone is gone"));
        EXPECT_FALSE(error.detail().empty());
    }
}

TEST(PartWriter, AFullDiskEndsInAnErrorAndLeavesNothing) {
    const ScratchFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0)
        GTEST_SKIP() << "only root may mount a small tmpfs; the next test covers the rest";
    try {
        write_part<float>(folder / "part.tif", floats(1), {0, 0, 512, 512}, 128, noise);
        ADD_FAILURE() << "1 MiB went into 256 KiB";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::write);
        EXPECT_THAT(error.detail(), testing::HasSubstr("GDAL: "));
    }
    const auto left = names_in(folder.path());
    ::umount(folder.path().c_str());
    EXPECT_TRUE(left.empty());
}

/// Writes a part in a child whose files may not grow beyond 100 kB; returns its exit status.
int write_under_size_limit(const std::string& path) {
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{100'000, 100'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            write_part<float>(path, floats(1), {0, 0, 512, 512}, 128, noise);
        } catch (const Error& error) {
            ::_exit(exit_code(error.code()));
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(PartWriter, AFileThatCannotGrowEndsInAnErrorAndLeavesNothing) {
    const ScratchFolder folder;
    EXPECT_EQ(write_under_size_limit(folder / "part.tif"), 74);
    EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(PartWriter, AFolderWithoutPermissionIsExit77) {
    const ScratchFolder folder;
    std::filesystem::permissions(folder.path(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 && ::seteuid(65534) != 0) ::_exit(0);
        try {
            PartWriter writer(folder / "part.tif", floats(1), {64, 64, 64});
        } catch (const Error& error) {
            ::_exit(exit_code(error.code()));
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
    EXPECT_EQ(WEXITSTATUS(status), 77);
}

}  // namespace
}  // namespace spectile::products
