// SPDX-License-Identifier: LGPL-2.1-or-later
// What xl accepts is accepted, and means the same.
#include "tests/unit/config/reading.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::config::test {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string cmdline_of(const std::string& lines) {
    return read_lines(lines).spec.cmdline;
}

TEST(Language, ReadsEverySupportedOption) {
    const DomainSpec spec = read_lines(R"(
uuid = "00112233-4455-6677-8899-AABBCCDDEEFF"
ramdisk = "/i"
cmdline = "a b"
memory = 512
maxmem = 1024
vcpus = 2
maxvcpus = 4
on_poweroff = "preserve"
on_reboot = "rename-restart"
on_crash = "coredump-destroy"
on_watchdog = "coredump-restart"
on_soft_reset = "restart"
)")
                                .spec;
    EXPECT_EQ(spec.name, "t");
    EXPECT_EQ(to_string(spec.uuid.value()), "00112233-4455-6677-8899-aabbccddeeff");
    EXPECT_EQ(spec.kernel, "/k");
    EXPECT_EQ(spec.ramdisk, "/i");
    EXPECT_EQ(spec.cmdline, "a b");
    EXPECT_EQ(spec.memory_mib, 512U);
    EXPECT_EQ(spec.max_memory_mib, 1024U);
    EXPECT_EQ(spec.vcpus, 2U);
    EXPECT_EQ(spec.max_vcpus, 4U);
    EXPECT_EQ(spec.on_poweroff, EndAction::preserve);
    EXPECT_EQ(spec.on_reboot, EndAction::rename_restart);
    EXPECT_EQ(spec.on_crash, EndAction::coredump_destroy);
    EXPECT_EQ(spec.on_watchdog, EndAction::coredump_restart);
    EXPECT_EQ(spec.on_soft_reset, EndAction::restart);
}

TEST(Language, LeavesTheDefaultsOfTheSpecForTheRest) {
    DomainSpec expected;
    expected.name = "t";
    expected.kernel = "/k";
    EXPECT_EQ(read_lines("").spec, expected);
}

TEST(Language, TakesNumbersAsStringsAndStringsAsNumbers) {
    EXPECT_EQ(read_lines("vcpus = \"2\"").spec.vcpus, 2U);
    EXPECT_EQ(read_lines("vcpus = ' 2'").spec.vcpus, 2U);
    EXPECT_EQ(cmdline_of("extra = 123"), "123");
}

TEST(Language, ReadsNumbersInBasesLikeStrtol) {
    EXPECT_EQ(read_lines("memory = 0x80").spec.memory_mib, 128U);
    EXPECT_EQ(read_lines("memory = \"0XfF\"").spec.memory_mib, 255U);
    EXPECT_EQ(read_lines("memory = 0200").spec.memory_mib, 128U);
}

TEST(Language, SeparatesStatementsBySemicolonsAndLines) {
    const auto spec = read("name='t';;type=\"pvh\" ; kernel='/k';\n\n;memory=64").spec;
    EXPECT_EQ(spec.name, "t");
    EXPECT_EQ(spec.memory_mib, 64U);
}

TEST(Language, ResolvesEscapes) {
    EXPECT_EQ(cmdline_of(R"(extra = "a\t\"b\"\\ \'c\'\n")"), "a\t\"b\"\\ 'c'\n");
}

TEST(Language, KeepsTheOtherQuoteAndBytesBeyondAscii) {
    EXPECT_EQ(cmdline_of("extra = 'say \"hi\"'"), "say \"hi\"");
    EXPECT_EQ(cmdline_of("extra = \"it's\""), "it's");
    EXPECT_EQ(cmdline_of("extra = \"\xC3\xA4\xFF\""), "\xC3\xA4\xFF");
}

TEST(Language, TakesCommentsAnywhereButInStrings) {
    EXPECT_EQ(cmdline_of("#extra=1\nextra = \"a#b\"#c\n  # d\rx"), "a#b");
}

TEST(Language, ReadsListsOverLinesWithTrailingCommas) {
    EXPECT_THAT(read_lines("foo = [\n # none\n 'a' ,\n\n 'b'\n , 1, ]\nbar=[]\nbaz=[\n]").warnings,
                SizeIs(3));
    const auto spec = read_lines("vnuma = [ [ 'pnode=0', 'size=64', # one\n'vcpus=0',],\n"
                                 "]\nvnuma += [ ]\nvnuma = [\n['size=8',\n'pnode=1', 'vcpus=0',"
                                 "'vdistances=10'\n] ]")
                          .spec;
    ASSERT_THAT(spec.virtual_nodes, SizeIs(1));
    EXPECT_EQ(spec.virtual_nodes[0],
              (VirtualNode{.pnode = 1, .size_mib = 8, .vcpus = {0}, .distances = {10}}));
}

TEST(Language, LetsTheLastAssignmentWin) {
    EXPECT_EQ(read_lines("memory = 64\nmemory = 128").spec.memory_mib, 128U);
    EXPECT_EQ(read_lines("memory = \"bad\"\nmemory = 128").spec.memory_mib, 128U);
}

TEST(Language, JoinsStringsWithAppend) {
    EXPECT_EQ(cmdline_of("extra = \"a\"\nextra += \" b\"\nextra += \" c\""), "a b c");
    EXPECT_EQ(cmdline_of("extra += \"a\""), "a");
    EXPECT_EQ(cmdline_of("extra = \"a\"\nextra += \" b\"\nextra = \"c\""), "c");
}

TEST(Language, JoinsListsWithAppend) {
    EXPECT_THAT(report_on_lines("disk = []\ndisk += [ ]"), IsEmpty());
    EXPECT_THAT(report_on_lines("disk = []\ndisk += [ 'a,,foo' ]"),
                StartsWith("t.cfg:5:15: error: \"foo\" is no name of a disk"));
}

TEST(Language, ComposesTheCommandLineFromRootAndExtra) {
    EXPECT_EQ(cmdline_of("root = \"/dev/xvda1 ro\""), "root=/dev/xvda1 ro");
    EXPECT_EQ(cmdline_of("root = \"/dev/xvda1 ro\"; extra = \"quiet\""),
              "root=/dev/xvda1 ro quiet");
    EXPECT_EQ(cmdline_of("extra = \"quiet\""), "quiet");
}

TEST(Language, PrefersCmdlineAndSaysSo) {
    const ReadResult result = read_lines(R"(cmdline = "a"; root = "b"; extra = "c")");
    EXPECT_EQ(result.spec.cmdline, "a");
    EXPECT_THAT(result.warnings,
                ElementsAre("t.cfg:4:16: warning: root has no effect because cmdline is set",
                            "t.cfg:4:28: warning: extra has no effect because cmdline is set"));
}

TEST(Language, SaysWhatLinuxCutsFromALongCommandLine) {
    const auto warnings = [](std::size_t bytes) {
        return read_lines("extra = \"" + std::string(bytes, 'a') + "\"").warnings;
    };
    EXPECT_THAT(warnings(2047), IsEmpty());
    EXPECT_THAT(warnings(2048), ElementsAre("t.cfg:4:1: warning: the command line has 2048 bytes; "
                                            "Linux reads the first 2047"));
}

TEST(Language, SaysWhatAGuestWithoutAcpiIsNotToldOf) {
    EXPECT_THAT(read_lines("acpi = 0").warnings, IsEmpty());
    EXPECT_THAT(
        read_lines("vcpus = 2\nacpi = 0").warnings,
        ElementsAre("t.cfg:5:1: warning: with acpi = 0 a guest is not told of its other vCPUs"));
}

TEST(Language, DerivesMemoryAndVcpusFromEachOther) {
    EXPECT_EQ(read_lines("maxmem = 64").spec.memory_mib, 64U);
    EXPECT_EQ(read_lines("memory = 64").spec.max_memory_mib, 64U);
    EXPECT_EQ(read_lines("vcpus = 3").spec.max_vcpus, 3U);
    EXPECT_EQ(read_lines("maxvcpus = 3").spec.vcpus, 1U); // as in xl
}

TEST(Language, ResolvesRelativePathsFromTheFolder) {
    const auto spec = read("name='t'; type='pvh'; kernel='boot/k'; ramdisk='../i'\n").spec;
    EXPECT_EQ(spec.kernel, "/folder/boot/k");
    EXPECT_EQ(spec.ramdisk, "/folder/../i");
    EXPECT_EQ(read("name='t'; type='pvh'; kernel='k'\n", {}, "/").spec.kernel, "/k");
}

TEST(Language, AcceptsWindowsTextWithOneWarningEach) {
    const ReadResult result = read("\xEF\xBB\xBFname='t'\r\ntype='pvh'\r\nkernel='/k'\r\n# end");
    EXPECT_EQ(result.spec.kernel, "/k");
    ASSERT_THAT(result.warnings, SizeIs(3));
    EXPECT_THAT(result.warnings[0],
                StartsWith("t.cfg:1:1: warning: the text begins with a UTF-8 byte-order mark"));
    EXPECT_THAT(result.warnings[1], StartsWith("t.cfg:1:9: warning: lines end in CR LF"));
    EXPECT_THAT(result.warnings[2],
                StartsWith("t.cfg:4:1: warning: this comment ends with the file"));
}

TEST(Language, TakesPvhForAMissingTypeAndSaysSo) {
    const ReadResult result = read("name='t'; kernel='/k'\n");
    ASSERT_THAT(result.warnings, SizeIs(1));
    EXPECT_THAT(result.warnings[0],
                StartsWith("t.cfg:1:1: warning: no type is given, pvh is taken"));
}

TEST(Language, CollapsesWhatMeansNothingForPvhToOneNotice) {
    EXPECT_THAT(
        read_lines("vnc = 1\nserial='pty'\nboot=\"c\"\nusbdevice=['tablet']").warnings,
        ElementsAre("t.cfg:4:1: warning: no effect on a PVH domain: vnc, serial, boot, usbdevice"));
}

TEST(Language, IsSilentAboutOptionsThatAskForNothing) {
    EXPECT_THAT(read_lines("disk = [ ]; vif = []; pci = [\n]; acpi = 1; hap=2; nestedhvm=0; cap=0\n"
                           "cpu_weight=0x100; pool='Pool-0'; passthrough='disabled'; bootloader=''")
                    .warnings,
                IsEmpty());
}

TEST(Language, WarnsOfTuningThatIsNotAppliedYet) {
    EXPECT_THAT(read_lines("altp2m = \"mixed\"\nhap = 0").warnings,
                ElementsAre("t.cfg:4:1: warning: altp2m is not applied by this release",
                            "t.cfg:5:1: warning: hap is not applied by this release"));
}

TEST(Language, WarnsOfUnknownOptionsWithTheNearest) {
    EXPECT_THAT(
        read_lines("on_powerof = \"destroy\"\nmax_clones = 4").warnings,
        ElementsAre(
            "t.cfg:4:1: warning: unknown option \"on_powerof\" (did you mean \"on_poweroff\"?)",
            "t.cfg:5:1: warning: unknown option \"max_clones\""));
}

} // namespace

} // namespace pvh::config::test
