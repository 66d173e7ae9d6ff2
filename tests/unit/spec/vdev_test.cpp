// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/spec/vdev.h"

#include <gtest/gtest.h>

namespace pvh {
namespace {

TEST(Vdev, NumbersAreThoseOfTheInterface) { // [docs/man/xen-vbd-interface.7]
    EXPECT_EQ(parse_vdev("xvda"), 51712U);
    EXPECT_EQ(parse_vdev("xvda1"), 51713U);
    EXPECT_EQ(parse_vdev("xvdb"), 51728U);
    EXPECT_EQ(parse_vdev("xvdp15"), 51967U);
    EXPECT_EQ(parse_vdev("xvdp16"), (1U << 28) | (15U << 8) | 16U);
    EXPECT_EQ(parse_vdev("xvdq"), (1U << 28) | (16U << 8));
    EXPECT_EQ(parse_vdev("xvdaa"), (1U << 28) | (26U << 8));
    EXPECT_EQ(parse_vdev("d0p0"), 51712U);
    EXPECT_EQ(parse_vdev("d26p3"), (1U << 28) | (26U << 8) | 3U);
    EXPECT_EQ(parse_vdev("hda"), 768U);
    EXPECT_EQ(parse_vdev("hdb1"), 833U);
    EXPECT_EQ(parse_vdev("hdc"), 5632U);
    EXPECT_EQ(parse_vdev("sda"), 2048U);
    EXPECT_EQ(parse_vdev("sdp15"), 2303U);
    EXPECT_EQ(parse_vdev("51712"), 51712U);
    EXPECT_EQ(parse_vdev("0xca00"), 51712U);
}

TEST(Vdev, NamesAreTheReverse) {
    for (const char* name : {"xvda", "xvda1", "xvdb", "xvdp15", "xvdp16", "xvdq", "xvdz", "xvdaa",
                             "xvdzz", "xvdaaa", "xvdaa255"})
        EXPECT_EQ(vdev_name(parse_vdev(name).value()), name);
    EXPECT_EQ(vdev_name(768), "768"); // hda
}

TEST(Vdev, OtherWordsAreNoDisks) {
    for (const char* word :
         {"",    "x",     "xvd",         "xvda0", "xvda01",    "xvda256", "xvdA",       "xvda1a",
          "hde", "hda64", "sdq",         "sda16", "d1",        "dp",      "d1048576p0", "d0p256",
          "0x",  "1x",    "99999999999", "-1",    "xvdzzzzzz", "sda ",    "eth0"})
        EXPECT_EQ(parse_vdev(word), std::nullopt) << word;
}

TEST(VdevClash, CountsDisksAsPeopleDo) {
    EXPECT_EQ(vdev_clash("51712", 0), "vdev 51712 is already used by the 1st disk");
    const std::pair<std::size_t, const char*> ordinals[] = {
        {1, " 2nd "},   {2, " 3rd "},   {3, " 4th "},    {10, " 11th "},
        {12, " 13th "}, {20, " 21st "}, {110, " 111th "}};
    for (const auto& [former, ordinal] : ordinals)
        EXPECT_NE(vdev_clash("xvda", former).find(ordinal), std::string::npos) << ordinal;
}

} // namespace
} // namespace pvh
