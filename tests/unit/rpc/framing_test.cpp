// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/framing.h"
#include "rpc/protocol_error.h"

#include <string>

#include <gtest/gtest.h>

namespace pvh::rpc {
namespace {

TEST(LineSplitter, GivesLinesInOrderHoweverTheBytesArrive) {
    LineSplitter lines{100};
    for (const char c : std::string{"one\n\ntwo\nthr"})
        lines.append({&c, 1});
    EXPECT_EQ(lines.next(), "one");
    EXPECT_EQ(lines.next(), "");
    EXPECT_EQ(lines.next(), "two");
    EXPECT_EQ(lines.next(), std::nullopt);
    EXPECT_TRUE(lines.has_partial());
    lines.append("ee\n");
    EXPECT_EQ(lines.next(), "three");
    EXPECT_EQ(lines.next(), std::nullopt);
    EXPECT_FALSE(lines.has_partial());
}

TEST(LineSplitter, TakesALineOfExactlyTheLimit) {
    LineSplitter lines{4};
    lines.append("abcd");
    lines.append("\n");
    EXPECT_EQ(lines.next(), "abcd");
}

TEST(LineSplitter, RefusesAnUnfinishedLineAboveTheLimitAtOnce) {
    LineSplitter lines{4};
    EXPECT_THROW(lines.append("abcde"), ProtocolError);
}

TEST(LineSplitter, RefusesAFinishedLineAboveTheLimit) {
    LineSplitter lines{4};
    lines.append("abcde\n");
    EXPECT_THROW(lines.next(), ProtocolError);
}

TEST(LineSplitter, RefusesAnUnfinishedLineBehindFinishedOnes) {
    LineSplitter lines{4};
    lines.append("ab\nabcde");
    EXPECT_EQ(lines.next(), "ab");
    EXPECT_THROW(lines.next(), ProtocolError);
}

TEST(LineSplitter, KeepsNulAndOtherBytesAsTheyAre) {
    LineSplitter lines{10};
    const std::string odd{"\0\xff\r\n", 4};
    lines.append(odd);
    EXPECT_EQ(lines.next(), odd.substr(0, 3));
}

} // namespace
} // namespace pvh::rpc
