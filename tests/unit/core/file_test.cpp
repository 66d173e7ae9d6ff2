// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "libdomain/core/file.h"
#include "libdomain/core/ids.h"
#include "libdomain/core/unique_handle.h"
#include "tests/support/elf_builder.h"
#include "tests/support/temp_folder.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace pvh::test {

namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr std::uint64_t kCap = 64 * kMiB;

Error error_of_reading(const std::string& path, std::uint64_t cap = kCap) {
    try {
        read_regular_file(path, cap, "kernel");
    } catch (const Error& e) {
        return e;
    }
    ADD_FAILURE() << "read " << path;
    return Error{Errc::internal, "read"};
}

void bind_socket(const std::string& path) {
    const UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ASSERT_LT(path.size(), sizeof(address.sun_path));
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
}

} // namespace

TEST(ReadRegularFile, ReturnsTheWholeFile) {
    const TempFolder folder;
    const Bytes content = bytes_of_text("0123456789");
    EXPECT_EQ(read_regular_file(folder.file("f", content), kCap, "kernel"), content);
}

TEST(ReadRegularFile, ReturnsNothingOfAnEmptyFile) {
    const TempFolder folder;
    EXPECT_TRUE(read_regular_file(folder.file("f", {}), kCap, "kernel").empty());
}

TEST(ReadRegularFile, FollowsSymlinks) {
    const TempFolder folder;
    std::filesystem::create_symlink(folder.file("f", Bytes(3)), folder / "link");
    EXPECT_EQ(read_regular_file(folder / "link", kCap, "kernel").size(), 3U);
}

TEST(ReadRegularFile, AcceptsTheCapAndRefusesMore) {
    const TempFolder folder;
    const std::string path = folder.file("f", Bytes(100));
    EXPECT_EQ(read_regular_file(path, 100, "kernel").size(), 100U);
    const Error error = error_of_reading(path, 99);
    EXPECT_EQ(error.code(), Errc::invalid_config);
    EXPECT_THAT(error.what(), HasSubstr("has 100 bytes, at most 99 are accepted"));
}

TEST(ReadRegularFile, RefusesSparseFileOf100GBUnread) {
    const TempFolder folder;
    const std::string path = folder.file("f", {});
    std::filesystem::resize_file(path, 100'000'000'000);
    EXPECT_THAT(error_of_reading(path).what(), HasSubstr("has 100000000000 bytes"));
}

TEST(ReadRegularFile, DoesNotWaitForAFifo) {
    const TempFolder folder;
    const std::string path = folder / "fifo";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    const Error error = error_of_reading(path);
    EXPECT_EQ(error.code(), Errc::invalid_config);
    EXPECT_EQ(std::string{error.what()}, "kernel " + path + " is a FIFO, a regular file is wanted");
}

TEST(ReadRegularFile, RefusesDevices) {
    EXPECT_THAT(error_of_reading("/dev/zero").what(), HasSubstr("is a character device"));
}

TEST(ReadRegularFile, RefusesDirectories) {
    const TempFolder folder;
    EXPECT_THAT(error_of_reading(folder / "").what(), HasSubstr("is a directory"));
}

TEST(ReadRegularFile, RefusesSockets) {
    const TempFolder folder;
    bind_socket(folder / "socket");
    EXPECT_EQ(error_of_reading(folder / "socket").code(), Errc::invalid_config);
}

TEST(ReadRegularFile, RefusesSymlinkLoops) {
    const TempFolder folder;
    std::filesystem::create_symlink(folder / "b", folder / "a");
    std::filesystem::create_symlink(folder / "a", folder / "b");
    const Error error = error_of_reading(folder / "a");
    EXPECT_EQ(error.code(), Errc::invalid_config);
    EXPECT_THAT(error.what(), EndsWith("(ELOOP)"));
}

TEST(ReadRegularFile, ReportsMissingFilesAsNotFound) {
    const TempFolder folder;
    EXPECT_EQ(error_of_reading(folder / "nothing").code(), Errc::not_found);
    EXPECT_EQ(error_of_reading(folder.file("f", {}) + "/below").code(), Errc::not_found);
}

TEST(ReadRegularFile, ReportsForbiddenFilesAsPermissionDenied) {
    const TempFolder folder;
    const std::string path = folder.file("f", Bytes(1));
    ASSERT_EQ(::chmod((folder / ".").c_str(), 0755), 0);
    ASSERT_EQ(::chmod(path.c_str(), 0), 0);
    const uid_t self = ::geteuid();
    ASSERT_EQ(::seteuid(self == 0 ? 65534 : self),
              0); // root may read everything: be nobody meanwhile
    const Errc code = error_of_reading(path).code();
    ASSERT_EQ(::seteuid(self), 0);
    EXPECT_EQ(code, Errc::permission_denied);
}

TEST(IdentifyFile, IsEqualForTheSameFile) {
    const TempFolder folder;
    const std::string path = folder.file("f", Bytes(5));
    std::filesystem::create_symlink(path, folder / "link");
    EXPECT_EQ(identify_file(path, "kernel"), identify_file(folder / "link", "kernel"));
    EXPECT_EQ(identify_file(path, "kernel").size, 5U);
}

TEST(IdentifyFile, DiffersAfterReplacement) {
    const TempFolder folder;
    const std::string path = folder.file("f", Bytes(5));
    const FileIdentity before = identify_file(path, "kernel");
    std::filesystem::rename(folder.file("new", Bytes(5)), path);
    EXPECT_NE(identify_file(path, "kernel"), before);
}

TEST(IdentifyFile, RefusesWhatReadingRefuses) {
    EXPECT_THROW(identify_file("/dev/null", "kernel"), Error);
    EXPECT_THROW(identify_file("/", "kernel"), Error);
}

TEST(WriteFileAtomically, CreatesAFileWithItsMode) {
    const TempFolder folder;
    write_file_atomically(folder / "state", "content", 0600);
    EXPECT_EQ(read_regular_file(folder / "state", kCap, "state"), bytes_of_text("content"));
    EXPECT_EQ(std::filesystem::status(folder / "state").permissions(),
              std::filesystem::perms{0600});
}

TEST(WriteFileAtomically, ReplacesAndLeavesNothingElse) {
    const TempFolder folder;
    write_file_atomically(folder / "state", "a long old content", 0600);
    write_file_atomically(folder / "state", "new", 0600);
    EXPECT_EQ(read_regular_file(folder / "state", kCap, "state"), bytes_of_text("new"));
    const std::filesystem::directory_iterator entries{folder / ""};
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(WriteFileAtomically, LeavesOldContentAndNoTemporaryWhenItFails) {
    const TempFolder folder;
    std::filesystem::create_directories(folder / "state/below"); // cannot be replaced by a file
    EXPECT_THROW(write_file_atomically(folder / "state", "new", 0600), Error);
    EXPECT_TRUE(std::filesystem::is_directory(folder / "state/below"));
    EXPECT_FALSE(std::filesystem::exists(folder / "state.new"));
}

TEST(WriteFileAtomically, ReplacesASymlinkInsteadOfItsTarget) {
    const TempFolder folder;
    const std::string target = folder.file("target", bytes_of_text("precious"));
    std::filesystem::create_symlink(target, folder / "state");
    write_file_atomically(folder / "state", "new", 0600);
    EXPECT_EQ(read_regular_file(target, kCap, "state"), bytes_of_text("precious"));
}

TEST(WriteFileAtomically, RefusesATemporaryThatIsASymlink) {
    const TempFolder folder;
    const std::string target = folder.file("target", bytes_of_text("precious"));
    std::filesystem::create_symlink(target, folder / "state.new");
    EXPECT_THROW(write_file_atomically(folder / "state", "new", 0600), Error);
    EXPECT_EQ(read_regular_file(target, kCap, "state"), bytes_of_text("precious"));
}

TEST(WriteFileAtomically, TakesABareName) {
    const TempFolder folder;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder / "");
    EXPECT_NO_THROW(write_file_atomically("state", "content", 0600));
    std::filesystem::current_path(before);
    EXPECT_TRUE(std::filesystem::exists(folder / "state"));
}

} // namespace pvh::test
