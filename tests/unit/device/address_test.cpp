// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/address.h"

#include <gtest/gtest.h>

namespace pvh::device {
namespace {

const Address kDisk{.kind = "vbd", .id = 51712, .frontend = DomId{7}};

TEST(Address, NamesTheFoldersOfADevice) {
    EXPECT_EQ(frontend_path(kDisk), "/local/domain/7/device/vbd/51712");
    EXPECT_EQ(backend_path(kDisk), "/local/domain/0/backend/vbd/7/51712");
    EXPECT_EQ(record_path(kDisk), "/libxl/7/device/vbd/51712");
    EXPECT_EQ(error_path(kDisk), "/local/domain/0/error/backend/vbd/7/51712");
}

TEST(Address, IsReadBackFromABackendsPath) {
    EXPECT_EQ(parse_backend_path(backend_path(kDisk)), kDisk);
}

TEST(Address, IsNotReadFromAnythingElse) {
    for (const char* path :
         {"", "/", "/local/domain/0/backend/vbd/7", "/local/domain/0/backend/vbd/7/51712/state",
          "/local/domain/0/backend/vbd/7/../8", "/local/domain/0/device/vbd/7/51712",
          "/local/domain/x/backend/vbd/7/51712", "/local/domain/0/backend//7/51712",
          "/local/domain/0/backend/vbd/70000/51712", "local/domain/0/backend/vbd/7/51712",
          "/local/domain/0/backend/vbd/7/-1"})
        EXPECT_EQ(parse_backend_path(path), std::nullopt) << path;
}

TEST(XenbusStateText, IsANumberUpToClosed) {
    EXPECT_EQ(parse_state("4"), XenbusState::connected);
    for (const char* text : {"", "9", "-1", "4 ", "four"})
        EXPECT_EQ(parse_state(text), XenbusState::unknown) << text;
}

} // namespace
} // namespace pvh::device
