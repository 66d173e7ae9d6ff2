// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/image_cache.h"
#include "tests/support/bzimage_builder.h"
#include "tests/support/elf_builder.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/image/rejection.h"

#include <array>
#include <filesystem>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

namespace pvh::test {

namespace {

using image::Codec;
using image::ImageCache;
using testing::HasSubstr;

/// A bootable ELF of about that size.
Bytes kernel_of(std::size_t size) {
    ElfImage elf = pvh_elf();
    elf.segments.push_back({.address = 0x2000000, .data = Bytes(size)});
    return build(elf);
}

} // namespace

TEST(ImageCache, UnpacksAFileOnce) {
    const TempFolder folder;
    const std::string path = folder.file("vmlinuz", bzimage_of(Codec::gzip, pvh_kernel()));
    ImageCache cache{kMiB};
    const auto first = cache.get(path);
    EXPECT_EQ(first->elf, pvh_kernel());
    EXPECT_EQ(cache.get(path), first);
    EXPECT_EQ(cache.bytes_held(), pvh_kernel().size());
}

TEST(ImageCache, KnowsAFileUnderEachOfItsNames) {
    const TempFolder folder;
    const std::string path = folder.file("vmlinux-6.1", pvh_kernel());
    std::filesystem::create_symlink(path, folder / "vmlinux");
    std::filesystem::create_hard_link(path, folder / "hard");
    ImageCache cache{kMiB};
    const auto image = cache.get(folder / "vmlinux"); // the hard link changed the ctime before
    EXPECT_EQ(cache.get(path), image);
    EXPECT_EQ(cache.get(folder / "hard"), image);
}

TEST(ImageCache, ReadsAReplacedFileAgain) {
    const TempFolder folder;
    const std::string path = folder.file("vmlinux", pvh_kernel());
    ImageCache cache{kMiB};
    const auto old_image = cache.get(path);
    std::filesystem::rename(folder.file("new", kernel_of(100)), path);
    const auto new_image = cache.get(path);
    EXPECT_NE(new_image, old_image);
    EXPECT_EQ(new_image->elf, kernel_of(100));
    EXPECT_EQ(old_image->elf, pvh_kernel()); // who has it keeps it
}

TEST(ImageCache, ReadsATouchedFileAgain) {
    const TempFolder folder;
    const std::string path = folder.file("vmlinux", pvh_kernel());
    ImageCache cache{kMiB};
    const auto old_image = cache.get(path);
    const std::array<timespec, 2> times{{{.tv_sec = 1, .tv_nsec = 0}, {.tv_sec = 1, .tv_nsec = 0}}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
    EXPECT_NE(cache.get(path), old_image);
}

TEST(ImageCache, NamesTheFileInErrorsAndForgetsThem) {
    const TempFolder folder;
    const std::string path = folder.file("vmlinux", bytes_of_text("garbage"));
    ImageCache cache{kMiB};
    for (int i = 0; i < 2; ++i) {
        const Error error = error_of([&] { cache.get(path); });
        EXPECT_EQ(error.code(), Errc::invalid_kernel);
        EXPECT_THAT(error.what(), testing::StartsWith("kernel " + path + ": not a kernel"));
    }
    EXPECT_EQ(cache.bytes_held(), 0U);
    EXPECT_EQ(cache.get(folder.file("vmlinux", pvh_kernel()))->elf, pvh_kernel());
}

TEST(ImageCache, ReportsMissingFileAsNotFound) {
    const TempFolder folder;
    ImageCache cache{kMiB};
    EXPECT_EQ(error_of([&] { cache.get(folder / "nothing"); }).code(), Errc::not_found);
}

TEST(ImageCache, ForgetsADeletedFile) {
    const TempFolder folder;
    const std::string path = folder.file("vmlinux", pvh_kernel());
    ImageCache cache{kMiB};
    cache.get(path);
    std::filesystem::remove(path);
    EXPECT_EQ(error_of([&] { cache.get(path); }).code(), Errc::not_found);
}

TEST(ImageCache, LeastRecentlyUsedLeavesFirst) {
    const TempFolder folder;
    const std::string a = folder.file("a", kernel_of(40'000));
    const std::string b = folder.file("b", kernel_of(40'001));
    const std::string c = folder.file("c", kernel_of(40'002));
    ImageCache cache{100'000};
    const auto image_a = cache.get(a);
    const auto image_b = cache.get(b);
    EXPECT_EQ(cache.get(a), image_a);
    cache.get(c);
    EXPECT_LE(cache.bytes_held(), 100'000U);
    EXPECT_EQ(cache.get(a), image_a);
    EXPECT_NE(cache.get(b), image_b);
}

TEST(ImageCache, ReturnsButDoesNotKeepWhatExceedsItsCapacity) {
    const TempFolder folder;
    const std::string small = folder.file("small", kernel_of(1000));
    const std::string large = folder.file("large", kernel_of(100'000));
    ImageCache cache{50'000};
    const auto kept = cache.get(small);
    EXPECT_EQ(cache.get(large)->elf, kernel_of(100'000));
    EXPECT_EQ(cache.get(small), kept);
    EXPECT_EQ(cache.bytes_held(), kept->elf.size());
}

TEST(ImageCache, WithoutCapacityKeepsNothing) {
    const TempFolder folder;
    const std::string path = folder.file("vmlinux", pvh_kernel());
    ImageCache cache{0};
    EXPECT_NE(cache.get(path), cache.get(path));
    EXPECT_EQ(cache.bytes_held(), 0U);
}

TEST(ImageCache, RefusesFileAboveTheLimitUnread) {
    const TempFolder folder;
    const std::string path = folder.file("vmlinux", {});
    std::filesystem::resize_file(path, 100 * kGiB); // sparse
    ImageCache cache{kMiB};
    EXPECT_THAT(error_of([&] { cache.get(path); }).what(),
                HasSubstr("107374182400 bytes, at most 536870912"));
}

TEST(ImageCache, WorkersThatWantTheSameFileShareOneImage) {
    const TempFolder folder;
    const std::string path = folder.file("vmlinuz", bzimage_of(Codec::bzip2, kernel_of(kMiB)));
    ImageCache cache{64 * kMiB};
    std::array<ImageCache::Image, 8> images;
    std::vector<std::thread> workers;
    for (auto& image : images)
        workers.emplace_back([&cache, &path, &image] { image = cache.get(path); });
    for (auto& worker : workers)
        worker.join();
    for (const auto& image : images)
        EXPECT_EQ(image, images.front());
}

TEST(ImageCache, WorkersThatShareAFailureGetAnErrorEach) {
    const TempFolder folder;
    ElfImage elf = pvh_elf();
    elf.segments.pop_back();
    const std::string path = folder.file("vmlinuz", bzimage_of(Codec::bzip2, build(elf)));
    ImageCache cache{64 * kMiB};
    std::array<std::string, 8> texts;
    std::vector<std::thread> workers;
    for (auto& text : texts)
        workers.emplace_back([&cache, &path, &text] {
            try {
                cache.get(path);
            } catch (Error& e) {
                text = e.add_context("domain").what();
            }
        });
    for (auto& worker : workers)
        worker.join();
    for (const auto& text : texts)
        EXPECT_THAT(text, testing::StartsWith("domain: kernel " + path + ": bzImage payload"));
}

} // namespace pvh::test
