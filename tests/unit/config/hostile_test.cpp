// SPDX-License-Identifier: LGPL-2.1-or-later
// A client of the daemon wrote the text: each of these must end soon, in a short report.
#include "config/limits.h"
#include "tests/unit/config/reading.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::config::test {

namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::size_t kShortReport = 64UL * 1024;

std::string repeated(const std::string& piece, std::size_t bytes) {
    std::string text;
    while (text.size() + piece.size() <= bytes)
        text += piece;
    return text;
}

std::string short_report(const std::string& text) {
    const std::string found = report(text);
    EXPECT_LT(found.size(), kShortReport);
    return found;
}

TEST(Hostile, TextsBeyondTheCapAreNotRead) {
    EXPECT_THAT(report(std::string(10'000'000, 'a')),
                StartsWith("t.cfg:1:1: error: the text has 10000000 bytes"));
    EXPECT_THAT(report("", {std::string(kMaxText, 'a'), "b"}),
                HasSubstr("<command line>:1:1: error: the text has"));
    EXPECT_THAT(report("", std::vector<std::string>(kMaxOverrides + 1, "a=1")),
                HasSubstr("options are given"));
}

TEST(Hostile, LongLinesAreRefused) {
    EXPECT_THAT(short_report("extra = \"" + std::string(kMaxLine, 'a') + "\"\n"),
                HasSubstr("t.cfg:1:1: error: this line is too long"));
}

TEST(Hostile, NestingHasABound) {
    std::string deep = "foo = ";
    for (unsigned i = 0; i < kMaxListDepth; ++i)
        deep = deep + "[ ";
    std::string closed = deep;
    for (unsigned i = 0; i < kMaxListDepth; ++i)
        closed += "] ";
    EXPECT_THAT(report_on_lines(closed), IsEmpty());
    EXPECT_THAT(short_report(deep + "[ 1\n"), HasSubstr("error: lists nest deeper than 16"));
    EXPECT_THAT(short_report("foo = " + repeated("[", 120000)),
                HasSubstr("error: lists nest deeper than 16"));
    EXPECT_THAT(short_report("foo = " + repeated("[\n", 1000000)),
                HasSubstr("error: lists nest deeper than 16"));
}

TEST(Hostile, ListsAndTextsHaveACapOnTheirValues) {
    EXPECT_THAT(short_report("foo = [" + repeated("1,", 100000) + "]\n"),
                HasSubstr("error: more than 4096 items"));
    EXPECT_THAT(short_report(repeated("a=1\n", 1000000)),
                HasSubstr("error: more than 65536 values"));
    EXPECT_THAT(short_report("foo=[" + repeated("[1,1,1,1],\n", 1000000) + "]"),
                HasSubstr("error: more than 4096 items"));
}

TEST(Hostile, FaultsAreCountedNotListed) {
    for (const char* piece : {"A\n", "]\n", "a a\n", "a=\n", "'\n", "a='\\q\\q'\n", "=", "+", "(",
                              "[,", "\x01", "\r", "a+=[]\na+=1\n"}) {
        const std::string text = short_report(repeated(piece, 200000));
        EXPECT_THAT(text, HasSubstr("error: ")) << piece;
    }
}

TEST(Hostile, UnknownOptionsAreCountedNotListed) {
    std::string text = kBase;
    for (int i = 0; i < 50000; ++i)
        text += "k" + std::to_string(i) + "=1\n";
    EXPECT_THAT(read(text).warnings, SizeIs(kMaxWarningsShown + 1));
}

TEST(Hostile, NulBytesAreRefusedWhereverTheyStand) {
    EXPECT_THAT(report(std::string("a\0=1\n", 5)),
                HasSubstr("t.cfg:1:2: error: stray control character \"\\x00\""));
    EXPECT_THAT(report(std::string("a='\0'\n", 6)),
                HasSubstr("t.cfg:1:4: error: a string cannot hold a NUL byte"));
    EXPECT_THAT(report(std::string("\0", 1)),
                HasSubstr("t.cfg:1:1: error: stray control character"));
}

TEST(Hostile, AnyBytesGiveAReportAndNotACrash) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    EXPECT_THAT(short_report(all), HasSubstr("error: "));
    EXPECT_THAT(short_report("name = \"" + all + "\"\n"), HasSubstr("error: "));
    EXPECT_THAT(short_report(""), HasSubstr("a domain needs a name"));
}

TEST(Hostile, CommandLinesHaveTheCapOfTheSpec) {
    EXPECT_THAT(short_report(std::string{kBase} + "extra = \"" + std::string(65537, 'a') + "\"\n"),
                StartsWith("t.cfg:4:9: error: the command line has 65537 bytes"));
}

TEST(Hostile, NamesWithControlBytesPointAtThem) {
    EXPECT_THAT(short_report(std::string{kBase} + "name = \"a\\nb\"\n"),
                StartsWith("t.cfg:4:10: error: control characters are not allowed"));
}

} // namespace

} // namespace pvh::config::test
