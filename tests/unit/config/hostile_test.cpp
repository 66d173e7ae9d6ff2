// SPDX-License-Identifier: LGPL-2.1-or-later
// A client of the daemon wrote the text: each of these must end soon, in a short report.
#include "config/limits.h"
#include "tests/unit/config/reading.h"

#include <algorithm>
#include <chrono>
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
                HasSubstr("t.cfg:1:1: error: this line is longer than 131072 bytes"));
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

std::string many(const std::string& piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += piece;
    return text;
}

struct LongValue {
    const char* name;
    std::string line;
};

class LongValues : public ::testing::TestWithParam<LongValue> {};

// Each within the caps of the language, so that it reaches the language inside the string.
TEST_P(LongValues, OfLanguagesInsideStringsGiveAShortReport) {
    const std::string found = short_report(std::string{kBase} + GetParam().line + "\n");
    EXPECT_THAT(found, HasSubstr("error: "));
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, LongValues,
    ::testing::Values(
        LongValue{"DiskCommas", "disk = [ '" + std::string(100000, ',') + "' ]"},
        LongValue{"DiskWords", "disk = [ '" + many("a,", 50000) + "' ]"},
        LongValue{"DiskPrefixes", "disk = [ '" + many("tap:", 25000) + "' ]"},
        LongValue{"DiskItems", "disk = [ " + many("'/a,raw,xvda,w',\n", 4000) + " ]"},
        LongValue{"NicWords", "vif = [ '" + many("a=b,", 25000) + "' ]"},
        LongValue{"NicMac", "vif = [ 'mac=" + std::string(100000, ':') + "' ]"},
        LongValue{"NicRate", "vif = [ 'rate=" + std::string(100000, '9') + "Mb/s' ]"},
        LongValue{"CpuItems", "cpus = '" + many("0,", 60000) + "'"},
        LongValue{"CpuDigits", "cpus = '" + std::string(100000, '9') + "-1'"},
        LongValue{"CpuCarets", "cpus = '" + std::string(100000, '^') + "'"},
        LongValue{"CpuLists", "cpus = [ " + many("'^0',\n", 4000) + " ]"},
        LongValue{"CpuidWords", "cpuid = 'host," + many("aes=0,", 20000) + "'"},
        LongValue{"CpuidNames", "cpuid = 'host," + many("x,", 400) + "'"},
        LongValue{"CpuidLeaves",
                  "cpuid = [ " + many("'1:eax=" + many("x", 33) + "',\n", 500) + "]"},
        LongValue{"VnumaNodes",
                  "vnuma = [ " +
                      many("['pnode=0','size=1','vcpus=0-127','vdistances=10'],\n", 4000) + " ]"},
        LongValue{"VnumaVcpus", "vnuma = [ [ 'vcpus=" + many("0-127,", 15000) + "' ] ]"},
        LongValue{"VnumaDistances", "vnuma = [ [ 'pnode=0', 'size=1', 'vcpus=0', 'vdistances=" +
                                        many("10,", 30000) + "' ] ]"},
        LongValue{"P9Words", "p9 = [ '" + many("tag=a,", 15000) + "' ]"},
        LongValue{"ChannelWords", "channel = [ '" + many("name=a,", 15000) + "' ]"},
        LongValue{"Uuid", "uuid = '" + std::string(100000, '-') + "'"},
        LongValue{"Type", "type = '" + std::string(100000, 'p') + "'"},
        LongValue{"Action", "on_crash = '" + std::string(100000, 'r') + "'"},
        LongValue{"Name", "name = '" + std::string(100000, '1') + "'"},
        LongValue{"Memory", "memory = " + std::string(100000, '9')}),
    [](const auto& value) { return value.param.name; });

// What is quadratic takes sixteen times as long for four times as much, what is not some four
// times.
TEST(Hostile, WordsThatWarnCostNoMoreEachWhenThereAreMany) {
    const auto time_of = [](std::size_t count) {
        const std::string line = "vif = [ '" + many("netdev=a,", count) + "' ]";
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_THAT(check_lines(line).warnings, SizeIs(kMaxWarningsShown + 1));
        return std::chrono::steady_clock::now() - begin;
    };
    time_of(3000);
    const auto few = std::min({time_of(3000), time_of(3000), time_of(3000)});
    const auto many = std::min({time_of(12000), time_of(12000), time_of(12000)});
    EXPECT_LT(many, 10 * few);
}

TEST(Hostile, CommandLinesHaveTheCapOfTheSpec) {
    EXPECT_THAT(short_report(std::string{kBase} + "extra = \"" + std::string(65537, 'a') + "\"\n"),
                StartsWith("t.cfg:4:9: error: the command line has 65537 bytes"));
}

TEST(Hostile, NamesWithControlBytesPointAtThem) {
    EXPECT_THAT(short_report(std::string{kBase} + "name = \"a\\nb\"\n"),
                HasSubstr("t.cfg:4:10: error: control characters are not allowed"));
}

} // namespace

} // namespace pvh::config::test
