// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/config/reading.h"

#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::config::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

DomainSpec with(const std::vector<std::string>& overrides) {
    return read(kBase, overrides).spec;
}

TEST(Overrides, WinOverTheFileAndOverEachOther) {
    const auto spec = with({"name=other", "memory=64", "memory = 128"});
    EXPECT_EQ(spec.name, "other");
    EXPECT_EQ(spec.memory_mib, 128U);
}

TEST(Overrides, CanBeAllThereIs) {
    EXPECT_EQ(read("", {"name=t", "type=pvh", "kernel=/k"}).spec.kernel, "/k");
}

TEST(Overrides, NeedNoQuotesForStrings) {
    EXPECT_EQ(with({"extra=console=hvc0 root=/dev/xvda1 ro"}).cmdline,
              "console=hvc0 root=/dev/xvda1 ro");
    EXPECT_EQ(with({"kernel=/boot/vmlinuz-6.1"}).kernel, "/boot/vmlinuz-6.1");
    EXPECT_EQ(with({"on_crash=rename-restart"}).on_crash, EndAction::rename_restart);
    EXPECT_EQ(with({"uuid=00112233-4455-6677-8899-aabbccddeeff"}).uuid,
              parse_uuid("00112233-4455-6677-8899-aabbccddeeff"));
}

TEST(Overrides, TakeTheLanguageOfTheFileToo) {
    EXPECT_EQ(with({R"(extra="a \"b\"")"}).cmdline, "a \"b\"");
    const auto spec = with({"memory=64;vcpus=2", "disk=[]"});
    EXPECT_EQ(spec.memory_mib, 64U);
    EXPECT_EQ(spec.vcpus, 2U);
}

TEST(Overrides, AppendToTheFileKeepingBlanks) {
    EXPECT_EQ(
        read(std::string{kBase} + "extra = 'a'\n", {"extra+= b", "extra+=\" c\""}).spec.cmdline,
        "a b c");
}

TEST(Overrides, WarnOfStatementsTakenAsText) {
    const auto result = read(kBase, {"extra=a;memory=64"});
    EXPECT_EQ(result.spec.cmdline, "a;memory=64");
    ASSERT_THAT(result.warnings, SizeIs(1));
    EXPECT_THAT(result.warnings[0],
                StartsWith("<command line>:1:7: warning: everything after \"=\""));
}

TEST(Overrides, AreAPlaceOfTheirOwn) {
    EXPECT_THAT(report(kBase, {"memory=512m"}),
                StartsWith("<command line>:1:8: error: \"512m\" is not a number"));
    EXPECT_THAT(report(kBase, {"memory=-1"}),
                StartsWith("<command line>:1:8: error: \"-1\" is negative"));
    EXPECT_THAT(report(kBase, {"extra=\"hi"}),
                StartsWith("<command line>:1:7: error: the string opened here"));
    EXPECT_THAT(report(kBase, {"Memory=1"}),
                StartsWith("<command line>:1:1: error: option names are lower-case"));
    EXPECT_THAT(report(kBase, {"disk=['a'"}),
                StartsWith("<command line>:1:6: error: the list opened here"));
}

TEST(Overrides, ThatContradictTheFileNameItsLine) {
    const auto text = report(std::string{kBase} + "memory = 512\n", {"maxmem=256"});
    EXPECT_THAT(text, StartsWith("<command line>:1:8: error: maxmem (256) is below memory (512)"));
    EXPECT_THAT(text, HasSubstr("t.cfg:4:10: note: memory is set here"));
}

TEST(Overrides, MustAssignSomething) {
    EXPECT_THAT(report(kBase, {""}), HasSubstr("assigns nothing"));
    EXPECT_THAT(report(kBase, {"# x"}), HasSubstr("assigns nothing"));
    EXPECT_THAT(report(kBase, {"vcpus"}),
                HasSubstr("<command line>:1:6: error: \"=\" is expected"));
    EXPECT_THAT(report(kBase, {"=x"}), HasSubstr("<command line>:1:1: error"));
    EXPECT_THAT(report(kBase, {"name="}),
                HasSubstr("<command line>:1:6: error: a value is expected"));
}

TEST(Overrides, MayEndInAComment) {
    EXPECT_THAT(read(kBase, {"memory=64 # small"}).warnings, IsEmpty());
}

TEST(Overrides, WithNulBytesOrLinesAreNoBareWords) {
    EXPECT_THAT(report(kBase, {std::string{"extra=a\0b", 9}}),
                HasSubstr("<command line>:1:7: error"));
    EXPECT_THAT(report(kBase, {"extra=a\nmemory=1"}),
                HasSubstr("<command line>:1:7: error: bare word"));
}

TEST(Overrides, AreSilentButOfAKeyThatOneTextSetsTwice) {
    EXPECT_THAT(read(kBase + std::string{"memory = 64\n"}, {"memory=128"}).warnings, IsEmpty());
    EXPECT_THAT(
        read(kBase + std::string{"memory = 64\nvif = []\nmemory = 32\nvif = []\n"}).warnings,
        ElementsAre("t.cfg:6:1: warning: memory is already set on line 4, the last one counts",
                    "t.cfg:7:1: warning: vif is already set on line 5, the last one counts "
                    "(use += to add to the list)"));
    EXPECT_THAT(read(kBase + std::string{"extra = 'a'\nextra += 'b'\n"}).warnings, IsEmpty());
}

TEST(Overrides, AreTheFateOfTheEarlierAssignment) {
    const std::string text = kBase + std::string{"memory = 1\nmemory = 2\nmemory = 3\n"};
    const auto keys =
        check_domain_config({.name = "t.cfg", .text = text}, {"vcpus=2", "vcpus=3"}, "/").keys;
    std::vector<std::string> fates;
    for (const KeyVerdict& key : keys)
        fates.push_back(fmt::format("{} {} {}", key.key, word_of(key.verdict), key.why));
    EXPECT_THAT(fates,
                ElementsAre("name used ", "type used ", "kernel used ",
                            "memory overridden by line 6", "memory overridden by line 6",
                            "memory used ", "vcpus overridden by the command line", "vcpus used "));
}

} // namespace

} // namespace pvh::config::test
