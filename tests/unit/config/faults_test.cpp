// SPDX-License-Identifier: LGPL-2.1-or-later
// Every kind of fault that xl 4.17 rejects, or lets pass where it should not: what is said, and
// where.
#include "tests/unit/config/reading.h"

#include <algorithm>
#include <ostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::config::test {

namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Fault {
    std::string name;
    std::string text; // from line 4, behind kBase
    std::string expected;
};

void PrintTo(const Fault& fault, std::ostream* out) {
    *out << fault.name;
}

class OneFault : public ::testing::TestWithParam<Fault> {};

TEST_P(OneFault, IsReportedOnceAndAtItsPlace) {
    const std::string text = report(std::string{kBase} + GetParam().text);
    EXPECT_THAT(text, HasSubstr("t.cfg:" + GetParam().expected));
    std::size_t errors = 0;
    for (std::size_t at = text.find(": error: "); at != std::string::npos;
         at = text.find(": error: ", at + 1))
        ++errors;
    EXPECT_EQ(errors, 1U) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Language, OneFault,
    ::testing::Values(
        Fault{"UpperCaseKey", "Memory = 512\n", "4:1: error: option names are lower-case"},
        Fault{"HyphenInKey", "on-crash = \"destroy\"\n",
              "4:3: error: unexpected \"-\" in option name"},
        Fault{"Fraction", "memory = 1.5\n", "4:10: error: \"1.5\": numbers must be whole"},
        Fault{"Negative", "memory = -1\n", "4:10: error: a negative number is not allowed here"},
        Fault{"CommentOfC", "// disks\n",
              "4:1: error: \"//\" begins no comment here\n    // disks\n    ^~\n"
              "  hint: a comment begins with \"#\""},
        Fault{"Colon", "memory: 64\n",
              "4:7: error: \"=\" is expected after \"memory\"\n    memory: 64\n"
              "          ^\n  hint: write memory = ..."},
        Fault{"PythonElse", "else:\n", "4:1: error: \"else:\": Python code is not supported"},
        Fault{"PythonNone", "ramdisk = None\n", "4:11: error: there is no None here"},
        Fault{"LineContinued", "extra = \"a\" \\\n",
              "4:13: error: a line cannot be continued\n    extra = \"a\" \\\n"
              "                ^\n  hint: use += on a new line"},
        Fault{"BareItem", "vif = [ bridge=xenbr0 ]\n",
              "4:9: error: bare word \"bridge=xenbr0\"; strings need quotes\n"
              "    vif = [ bridge=xenbr0 ]\n            ^~~~~~~~~~~~~\n"
              "  hint: write \"bridge=xenbr0\""},
        Fault{"BareItemBehindAnother", "vif = [ \"bridge=a\", bridge=b ]\n",
              "4:21: error: bare word \"bridge=b\""},
        Fault{"BareItemWithCommas", "disk = [ phy:/dev/a,xvda,w ]\n",
              "4:10: error: bare word \"phy:/dev/a,xvda,w\"; strings need quotes"},
        Fault{"ForgottenBracket", "vif = [ \"bridge=a\"\nvcpus = 2\n",
              "4:7: error: the list opened here is not closed"},
        Fault{"Variable", "memory = ${MEM}\n", "4:10: error: there are no variables here"},
        Fault{"PrefixOfAString", "extra = f\"a\"\n",
              "4:9: error: \"f\" before a string means nothing"},
        Fault{"TripleQuotesOverLines", "extra = \"\"\"a\nro b\nc=d\"\"\"\nvcpus = 2\n",
              "4:11: error: the string opened here is not closed on this line\n"},
        Fault{"TripleQuotes", "extra = \"\"\"a\n",
              "4:11: error: the string opened here is not closed on this line\n"
              "    extra = \"\"\"a\n              ^\n"
              "  hint: there are no triple quotes: write \\n for the end of a line"},
        Fault{"CallInAList", "disk = [ join('a', 'b'), 'phy:/x,xvda,w' ]\n",
              "4:10: error: \"join\": Python code is not supported"},
        Fault{"UnitBehindABlank", "memory = 128 MB # much\n",
              "4:10: error: \"128 MB\" is not a number\n    memory = 128 MB # much\n"
              "             ^~~\n  hint: memory is in MiB, write 128"},
        Fault{"UnitBehindABlankOfGib", "maxmem = 2 GiB; memory = 1\n",
              "4:10: error: \"2 GiB\" is not a number\n    maxmem = 2 GiB; memory = 1\n"
              "             ^\n  hint: maxmem is in MiB, write 2048"},
        Fault{"QuotedUnitOfMib", "memory = \"128 MB\"\n",
              "4:10: error: \"128 MB\" is not a number\n    memory = \"128 MB\"\n"
              "             ^~~~~~~~\n  hint: memory is in MiB, write 128"},
        Fault{"Product", "memory = 1024*4\n",
              "4:10: error: expressions are not supported (a Python config of xend?)\n"
              "    memory = 1024*4\n             ^~~~~~\n  hint: write 4096"},
        Fault{"ProductWithBlanks", "vcpus = 2 * 2 # four\n",
              "4:11: error: expressions are not supported (a Python config of xend?)\n"
              "    vcpus = 2 * 2 # four\n              ^\n  hint: write 4"},
        Fault{"QuotedProduct", "vcpus = \"2 * 2\"\n",
              "4:9: error: \"2 * 2\" is not a number\n    vcpus = \"2 * 2\"\n"
              "            ^~~~~~~\n  hint: write 4"},
        Fault{"SumOfNumbers", "vcpus = 2 + 2\n",
              "4:11: error: expressions are not supported (a Python config of xend?)\n"
              "    vcpus = 2 + 2\n              ^\n  hint: write what it comes to"},
        Fault{"CallOfPython", "vcpus = max(2, 4)\n",
              "4:9: error: \"max\": Python code is not supported\n    vcpus = max(2, 4)\n"
              "            ^~~\n  hint: write what it returns"},
        Fault{"UnitSuffix", "memory = 512m\n", "4:10: error: \"512m\" is not a number"},
        Fault{"PythonBoolean", "acpi = True\n",
              "4:8: error: bare word \"True\"; booleans are 0 or 1"},
        Fault{"OpenString", "extra = \"ro\n", "4:9: error: the string opened here is not closed"},
        Fault{"OpenStringAtEnd", "extra = \"ro",
              "4:9: error: the string opened here is not closed"},
        Fault{"LineJoinedByBackslash", "extra = \"ro\\\n",
              "4:9: error: the string opened here is not closed"},
        Fault{"ValueOnNextLine", "vcpus =\n2\n",
              "4:8: error: a value is expected on the same line"},
        Fault{"ListOnNextLine", "disk =\n[ \"/a\" ]\n",
              "4:7: error: a value is expected on the same line"},
        Fault{"ValueMissingAtEnd", "vcpus =", "4:8: error: a value is expected on the same line"},
        Fault{"ValueMissingBeforeSemicolon", "vcpus = ; memory = 1\n",
              "4:9: error: a value is expected"},
        Fault{"MissingComma", "foo = [ \"/a\"\n         \"/b\" ]\n", "5:10: error: missing \",\""},
        Fault{"DoubleComma", "foo = [ \"/a\",, \"/b\" ]\n", "4:14: error: empty list item"},
        Fault{"LeadingComma", "foo = [ , \"/b\" ]\n", "4:9: error: empty list item"},
        Fault{"OpenList", "foo = [ \"/a\",\nvcpus = 2\n",
              "4:7: error: the list opened here is not closed"},
        Fault{"OpenListAtEnd", "foo = [ \"/a\",\n",
              "4:7: error: the list opened here is not closed"},
        Fault{"SemicolonInList", "foo = [ \"/a\"; \"/b\" ]\n",
              "4:7: error: the list opened here is not closed"},
        Fault{"Tuple", "foo = ( \"/a\", )\n", "4:7: error: lists use \"[\" ... \"]\""},
        Fault{"TupleInList", "foo = [ ( 1, 2 ), 3 ]\n", "4:9: error: lists use \"[\" ... \"]\""},
        Fault{"BareWordInList", "foo = [ a, 3 ]\n",
              "4:9: error: bare word \"a\"; strings need quotes"},
        Fault{"Concatenation", "extra = \"a\" + \"b\"\n",
              "4:13: error: expressions are not supported"},
        Fault{"Import", "import os\n", "4:8: error: \"import\": Python code is not supported"},
        Fault{"MissingAssign", "vcpus 2\n", "4:7: error: \"=\" is expected after \"vcpus\""},
        Fault{"TwoOnALine", "vcpus = 2 memory = 512\n",
              "4:11: error: a newline or \";\" is expected"},
        Fault{"SeveralValues", "vcpus = 2, 3\n", "4:10: error: several values need a list"},
        Fault{"BareWord", "on_crash = destroy\n",
              "4:12: error: bare word \"destroy\"; strings need quotes"},
        Fault{"BarePath", "ramdisk = /boot/initrd\n", "4:11: error: bare word \"/boot/initrd\""},
        Fault{"UnknownEscape", "extra = \"C:\\dir\"\n", "4:12: error: unknown escape \"\\d\""},
        Fault{"HexEscape", "extra = \"\\x41\"\n", "4:10: error: \\x escapes are not supported"},
        Fault{"OctalEscape", "extra = \"\\101\"\n", "4:10: error: octal escapes are not supported"},
        Fault{"StrayBracket", "]\n", "4:1: error: this \"]\" closes no list"},
        Fault{"DigitFirstInKey", "9p = 1\n", "4:1: error: \"9p\" is not an option name"},
        Fault{"CarriageReturnInside", "vcpus =\r 2\n",
              "4:8: error: stray control character \"\\x0d\""},
        Fault{"AppendListToString", "foo = \"a\"; foo += [ ]\n",
              "4:19: error: += cannot add a list to a string"},
        Fault{"AppendStringToList", "foo = [ ]; foo += 1\n",
              "4:19: error: += cannot add a string to a list"}),
    [](const auto& fault) { return fault.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Values, OneFault,
    ::testing::Values(
        Fault{"AlmostHex", "memory = 10ab\n", "4:10: error: \"10ab\" is not a number"},
        Fault{"QuotedUnit", "memory = \"2G\"\n", "4:10: error: \"2G\" is not a number"},
        Fault{"QuotedNegative", "memory = \"-1\"\n", "4:10: error: \"-1\" is negative"},
        Fault{"QuotedTrailingBlank", "memory = \"1 \"\n", "4:10: error: \"1 \" is not a number"},
        Fault{"BadOctal", "memory = 0900\n",
              "4:10: error: \"0900\" is not a number (a leading 0 means octal)"},
        Fault{"HugeNumber", "memory = 99999999999999999999\n",
              "4:10: error: \"99999999999999999999\" is too large"},
        Fault{"EmptyNumber", "memory = \"\"\n", "4:10: error: \"\" is not a number"},
        Fault{"BooleanWord", "acpi = \"yes\"\n", "4:8: error: \"yes\" is not a boolean"},
        Fault{"ListForNumber", "memory = [ 512 ]\n",
              "4:10: error: memory takes one number, not a list"},
        Fault{"ListForString", "cmdline = [ \"a\" ]\n",
              "4:11: error: cmdline takes one string, not a list"},
        Fault{"StringForList", "disk = \"/a,raw,xvda,w\"\n", "4:8: error: disk takes a list"},
        Fault{"NestedList", "disk = [ [ \"/a\" ] ]\n", "4:10: error: disk items must be strings"},
        Fault{"BadAction", "on_reboot = \"reboot\"\n",
              "4:13: error: on_reboot cannot be \"reboot\""},
        Fault{"UuidWithoutDashes", "uuid = \"00112233445566778899aabbccddeeff\"\n",
              "4:8: error: \"00112233"},
        Fault{"ZeroVcpus", "vcpus = 0\n", "4:9: error: vcpus = 0 is out of range"},
        Fault{"TooManyVcpus", "vcpus = 129\n", "4:9: error: vcpus = 129 is out of range"},
        Fault{"TooManyMaxVcpus", "maxvcpus = 129\n", "4:12: error: maxvcpus = 129 is out of range"},
        Fault{"VcpusBeyondInt", "vcpus = 4294967297\n",
              "4:9: error: vcpus = 4294967295 is out of range"},
        Fault{"NoMemory", "memory = 0\n", "4:10: error: memory = 0 MiB is too little"},
        Fault{"NoMaxmem", "maxmem = 0\n", "4:10: error: memory = 0 MiB is too little"},
        Fault{"AppendToNumber", "memory = 51; memory += 2\n",
              "4:24: error: memory takes one number, += cannot"},
        Fault{"OtherType", "type = \"p\"\n", "4:8: error: \"p\" is no type of guest"},
        Fault{"Hvm", "type = \"hvm\"\n",
              "4:8: error: \"hvm\": this toolstack manages PVH guests only"},
        Fault{"Pv", "type = \"pv\"\n",
              "4:8: error: \"pv\": this toolstack manages PVH guests only"},
        Fault{"SlashInName", "name = \"a/b\"\n",
              "4:10: error: \"/\" is not allowed in a domain name"},
        Fault{"SlashBehindEscape", "name = \"a\\\"/b\"\n", "4:12: error: \"/\" is not allowed"},
        Fault{"DigitsAsName", "name = 123\n", "4:8: error: the name \"123\" has digits only"},
        Fault{"EmptyName", "name = \"\"\n", "4:8: error: a domain needs a name"},
        Fault{"EmptyKernel", "kernel = \"\"\n", "4:10: error: a PVH domain needs a kernel"}),
    [](const auto& fault) { return fault.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Devices, OneFault,
    ::testing::Values(
        Fault{"DiskFormat", "disk = [ \"/a,rawx,xvda,w\" ]\n",
              "4:14: error: unknown disk format \"rawx\""},
        Fault{"DiskKey", "disk = [ \"/a,raw,xvda,cache=none\" ]\n",
              "4:23: error: unknown disk key \"cache\""},
        Fault{"DiskWithoutVdev", "disk = [ \"/a.img\" ]\n", "4:10: error: the disk has no vdev"},
        Fault{"DiskWithoutTarget", "disk = [ \"vdev=xvda\" ]\n",
              "4:10: error: the disk has no target"},
        Fault{"DiskTwice", "disk = [ \"/a,raw,xvda,w\", \"/b,raw,51712,w\" ]\n",
              "4:35: error: vdev 51712 is already used by the 1st disk"},
        Fault{"DiskVdev", "disk = [ \"/a,raw,xvd,w\" ]\n",
              "4:18: error: \"xvd\" is no name of a disk"},
        Fault{"DiskAccess", "disk = [ \"/a,raw,xvda,x!\" ]\n",
              "4:23: error: unknown disk access \"x!\""},
        Fault{"DiskFifthWord", "disk = [ \"/a,raw,xvda,w,b\" ]\n",
              "4:25: error: \"b\" is one word too many"},
        Fault{"DiskEqualsInTarget", "disk = [ \"/a=b,raw,xvda,w\" ]\n",
              "4:13: error: \"=\" in a positional word"},
        Fault{"DiskPrefix", "disk = [ \"foo:/a,xvda,w\" ]\n",
              "4:11: error: unknown disk prefix \"foo:\""},
        Fault{"DiskSecondFormat", "disk = [ \"/a,raw,xvda,w,format=vhd\" ]\n",
              "4:32: error: the disk has a second disk format"},
        Fault{"DiskDevtype", "disk = [ \"/a,raw,xvda:tape,w\" ]\n",
              "4:23: error: unknown device type \"tape\""},
        Fault{"DiskVirtio", "disk = [ \"/a,raw,xvda,w,specification=virtio\" ]\n",
              "4:39: error: disk specification \"virtio\" is not for PVH"},
        Fault{"DiskBehindEscape", "disk = [ \"/\\\"a,rawx,xvda\" ]\n",
              "4:16: error: unknown disk format"},
        Fault{"VifKey", "vif = [ \"bridge=br0,vlann=5\" ]\n",
              "4:21: error: unknown vif key \"vlann\""},
        Fault{"VifMacOfAGroup", "vif = [ \"mac=01:00:5e:00:00:01\" ]\n",
              "4:14: error: \"01:00:5e:00:00:01\" is the address of a group"},
        Fault{"VifRateZero", "vif = [ \"rate=0Mb/s\" ]\n",
              "4:15: error: at a rate of 0 nothing gets through"},
        Fault{"DiskTargetLeftOut", "disk = [ \"qcow2,xvdo\" ]\n",
              "4:17: error: \"xvdo\" stands where the format does\n"
              "    disk = [ \"qcow2,xvdo\" ]\n                    ^\n"
              "  hint: the target comes first: write /path,qcow2,xvdo"},
        Fault{"DiskFormatLeftOut", "disk = [ \"/dev/vg/a,xvdo\" ]\n",
              "4:21: error: \"xvdo\" stands where the format does\n"
              "    disk = [ \"/dev/vg/a,xvdo\" ]\n                        ^\n"
              "  hint: write /dev/vg/a,raw,xvdo"},
        Fault{"VifMacShort", "vif = [ \"mac=00:16:3e:01:02\" ]\n",
              "4:28: error: \"00:16:3e:01:02\" is no MAC address"},
        Fault{"VifMacOctet", "vif = [ \"mac=00:16:3e:01:02:0g\" ]\n",
              "4:30: error: \"00:16:3e:01:02:0g\" is no MAC"},
        Fault{"VifRate", "vif = [ \"rate=10\" ]\n", "4:15: error: \"10\" is no rate"},
        Fault{"VifInterval", "vif = [ \"rate=1MB/s@2h\" ]\n", "4:21: error: \"2h\" is no interval"},
        Fault{"VifIoemu", "vif = [ \"type=ioemu\" ]\n",
              "4:15: error: PVH guests have no emulated NIC"},
        Fault{"VifWithoutValue", "vif = [ \"bridge\" ]\n", "4:10: error: \"bridge\" needs a value"},
        Fault{"VifName", "vif = [ \"vifname=longer-than-linux-takes\" ]\n",
              "4:9: error: vifname \"longer-than"},
        Fault{"VifMtu", "vif = [ \"mtu=big\" ]\n", "4:14: error: \"big\" is not a number"},
        Fault{"CpuRange", "cpus = \"0,3-1\"\n", "4:11: error: CPU range \"3-1\" runs backwards"},
        Fault{"CpuJunk", "cpus = \"0,1x\"\n", "4:12: error: \"1x\" is no range of CPUs"},
        Fault{"CpuTrailingBlank", "cpus = \"1 \"\n", "4:10: error: \"1 \" is no range"},
        Fault{"CpuNotAll", "cpus = \"^all\"\n", "4:10: error: all cannot be removed"},
        Fault{"CpuNone", "cpus = \"^1\"\n", "4:8: error: \"^1\" names no CPU"},
        Fault{"CpuEmpty", "cpus = [ \"\" ]\n", "4:10: error: \"\" names no CPU"},
        Fault{"CpuidFirstWord", "cpuid = \"aes=0\"\n",
              "4:10: error: the first word of cpuid must be \"host\""},
        Fault{"CpuidName", "cpuid = \"host,aez=0\"\n", "4:15: error: unknown CPU feature \"aez\""},
        Fault{"CpuidValue", "cpuid = \"host,aes=2\"\n", "4:19: error: aes = 2 is out of range"},
        Fault{"CpuidXendShort", "cpuid = [ \"1:ecx=0\" ]\n",
              "4:18: error: a register has 1 character here"},
        Fault{"CpuidXendLeaf", "cpuid = [ \"a:ecx=0\" ]\n", "4:12: error: the leaf is no number"},
        Fault{"ChannelConnection", "channel = [ \"name=a\" ]\n",
              "4:13: error: channel has no connection"},
        Fault{"ChannelName", "channel = [ \"connection=pty\" ]\n",
              "4:13: error: a channel has no name"},
        Fault{"ChannelSocket", "channel = [ \"connection=socket\" ]\n",
              "4:13: error: channel with connection=socket has no path"},
        Fault{"P9Key", "p9 = [ \"tag=a,path=/,security_model=none,taq=b\" ]\n",
              "4:42: error: unknown p9 key \"taq\""},
        Fault{"VtpmBackend", "vtpm = [ \"uuid=12345678-9abc-def0-1234-56789abcdef0\" ]\n",
              "4:10: error: vtpm has no backend"},
        Fault{"Weight", "cpu_weight = 0\n", "4:14: error: cpu_weight = 0 is out of range"},
        Fault{"Cap", "vcpus = 2\ncap = 201\n", "5:7: error: cap = 201 is out of range"},
        Fault{"GrantVersion", "max_grant_version = 3\n",
              "4:21: error: max_grant_version = 3 is out of range"},
        Fault{"TscMode", "tsc_mode = \"slow\"\n", "4:12: error: tsc_mode cannot be \"slow\""},
        Fault{"TscModeNumber", "tsc_mode = 4\n", "4:12: error: tsc_mode cannot be \"4\""},
        Fault{"ParavirtTsc", "tsc_mode = \"native_paravirt\"\n",
              "4:12: error: tsc_mode cannot be \"native_paravirt\""},
        Fault{"CurlyQuotes", "extra = \xe2\x80\x9cquiet\xe2\x80\x9d\n",
              "4:9: error: typographic quotes are no quotes"},
        Fault{"NoBreakSpace", "memory\xc2\xa0= 128\n", "4:7: error: a no-break space (U+00A0)"},
        Fault{"BareNegative", "rtc_timeoffset = -3600\n",
              "4:18: error: a negative number is not allowed here"},
        Fault{"VnumaFlat", "vnuma = [ \"size=1\" ]\n", "4:11: error: vnuma items must be lists"},
        Fault{"VnumaKey",
              "vnuma = [ [ 'pnode=0', 'size=8', 'vcpu=0', 'vcpus=0', 'vdistances=10' ] ]\n",
              "4:35: error: unknown vnuma key \"vcpu\""},
        Fault{"VnumaMissing", "vnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0' ] ]\n",
              "4:11: error: a vnuma node has no vdistances"},
        Fault{"VnumaTwice",
              "vnuma = [ [ 'pnode=0', 'pnode=1', 'size=8', 'vcpus=0', 'vdistances=10' ] ]\n",
              "4:25: error: pnode is given twice"},
        Fault{"VnumaSizeWithUnit",
              "vnuma = [ [ 'pnode=0', 'size=1G', 'vcpus=0', 'vdistances=10' ] ]\n",
              "4:30: error: \"1G\" is not a number\n"
              "    vnuma = [ [ 'pnode=0', 'size=1G', 'vcpus=0', 'vdistances=10' ] ]\n"
              "                                 ^\n  hint: size is in MiB, write 1024"},
        Fault{"VnumaNumber", "vnuma = [ [ 'pnode=0', 'size=8M', 'vcpus=0', 'vdistances=10' ] ]\n",
              "4:30: error: \"8M\" is not a number"},
        Fault{"VnumaBackwards",
              "vnuma = [ [ 'pnode=0', 'size=8', 'vcpus=3,2-1', 'vdistances=10' ] ]\n",
              "4:43: error: vCPU range \"2-1\" runs backwards"},
        Fault{"VnumaFarVcpu",
              "vnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0-4294967296', 'vdistances=10' ] ]\n",
              "4:41: error: a PVH domain has no vCPU beyond 127"},
        Fault{"VnumaVcpuTwice",
              "vnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0-1,1', 'vdistances=10' ] ]\n",
              "4:45: error: vCPU 1 is in the node twice"},
        Fault{"VnumaVcpuInTwo",
              "vnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0', 'vdistances=10,20' ],\n"
              "          [ 'pnode=0', 'size=8', 'vcpus=0', 'vdistances=20,10' ] ]\n",
              "5:11: error: vCPU 0 is in vnuma twice"},
        Fault{"VnumaVcpus",
              "maxvcpus = 2\nvnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0', 'vdistances=10' ] ]\n",
              "5:9: error: vCPU 1 is in no node of vnuma, and maxvcpus is 2"},
        Fault{"VnumaMemory",
              "maxmem = 9\nvnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0', 'vdistances=10' ] ]\n",
              "5:9: error: the nodes of vnuma have 8 MiB together, and the domain 9 MiB"},
        Fault{"VnumaBallooned",
              "memory = 4\nvnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0', 'vdistances=10' ] ]\n",
              "5:9: error: with vnuma the guest must start with all its memory"},
        Fault{"VnumaNoVcpus", "vnuma = [ [ 'pnode=0', 'size=8', 'vcpus=', 'vdistances=10' ] ]\n",
              "4:9: error: vnuma has 0 vCPUs, and vcpus is 1"},
        Fault{"VnumaMoreMemory",
              "memory = 9\nvnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0', 'vdistances=10' ] ]\n",
              "5:9: error: the nodes of vnuma have 8 MiB together, and the domain 9 MiB"},
        Fault{"VnumaHuge",
              "vnuma = [ [ 'pnode=0', 'size=16777217', 'vcpus=0', 'vdistances=10' ] ]\n",
              "4:11: error: vnuma node 0 has 16777217 MiB"},
        Fault{"VnumaDistances",
              "vnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0', 'vdistances=10,20' ] ]\n",
              "4:11: error: vnuma node 0 has distances to 2 nodes, and there are 1"},
        Fault{"VnumaDistance", "vnuma = [ [ 'pnode=0', 'size=8', 'vcpus=0', 'vdistances=256' ] ]\n",
              "4:11: error: the distance from vnuma node 0 to node 0 is 256"}),
    [](const auto& fault) { return fault.param.name; });

INSTANTIATE_TEST_SUITE_P(
    NotInThisRelease, OneFault,
    ::testing::Values(Fault{"ChannelBackend", "channel = [ \"connection=pty,name=a,backend=b\" ]\n",
                            "4:13: error: driver domains are not supported yet"},
                      Fault{"NinePfs", "p9 = [ \"tag=a,type=xen_9pfsd\" ]\n",
                            "4:8: error: type=xen_9pfsd is not supported yet"},
                      Fault{"ReadOnlyImage", "disk = [ \"/a,qcow2,xvda,r\" ]\n",
                            "4:10: error: QEMU's backend cannot serve an image read-only"},
                      Fault{"Vtpm", "vtpm = [ \"backend=a\" ]\n",
                            "4:8: error: vtpm: this release attaches no such devices"},
                      Fault{"Pci", "pci = [ \"00:01.0\" ]\n",
                            "4:7: error: pci: PCI passthrough is not supported"},
                      Fault{"Passthrough", "passthrough = \"enabled\"\n",
                            "4:15: error: passthrough: PCI passthrough is not"},
                      Fault{"Bootloader", "bootloader = \"pygrub\"\n",
                            "4:14: error: bootloader: this release runs no bootloader"},
                      Fault{"Builder", "builder = \"hvm\"\n", "4:11: error: builder: no builder"}),
    [](const auto& fault) { return fault.param.name; });

TEST(Faults, NameTheEarlierLineWhenTwoDisagree) {
    const std::string text = report_on_lines("memory = 512\nmaxmem = 256");
    EXPECT_THAT(text, StartsWith("t.cfg:5:10: error: maxmem (256) is below memory (512)"));
    EXPECT_THAT(text, HasSubstr("t.cfg:4:10: note: memory is set here"));
}

TEST(Faults, PointAtTheLaterLineWhicheverItIs) {
    const std::string text = report_on_lines("maxvcpus = 2\nvcpus = 4");
    EXPECT_THAT(text, StartsWith("t.cfg:5:9: error: maxvcpus (2) is below vcpus (4)"));
    EXPECT_THAT(text, HasSubstr("t.cfg:4:12: note: maxvcpus is set here"));
}

TEST(Faults, OfAMissingNamePointAtTheTop) {
    EXPECT_THAT(report("type = \"pvh\"\nkernel = \"/k\"\n"),
                StartsWith("t.cfg:1:1: error: a domain needs a name"));
}

TEST(Faults, OfAMissingKernelPointAtTheType) {
    EXPECT_THAT(report("name = \"t\"\ntype = \"pvh\"\n"),
                StartsWith("t.cfg:2:1: error: a PVH domain needs a kernel"));
}

TEST(Faults, AreAllReportedInOnePass) {
    const std::string text =
        report_on_lines("Memory = 1\nvcpus = 2 3\nextra = \"a\\q\"\non_crash = \"x\"");
    for (const char* place :
         {"t.cfg:4:1: error", "t.cfg:5:11: error", "t.cfg:6:11: error", "t.cfg:7:12: error"})
        EXPECT_THAT(text, HasSubstr(place));
}

TEST(Faults, OfTheEncodingAreOne) {
    EXPECT_THAT(report(std::string{"\xff\xfen\0a\0", 6}),
                StartsWith("t.cfg:1:1: error: the text is UTF-16"));
}

TEST(Faults, NameTheKeyThatIsThere) {
    const std::string text = report_on_lines("memory = 99999999999");
    EXPECT_THAT(text, HasSubstr("error: memory = 99999999999 MiB is above the"));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("maxmem")));
}

TEST(Faults, KnowWhatOtherToolsCallIt) {
    EXPECT_THAT(check_lines("initrd = \"/i\"").report, HasSubstr("did you mean \"ramdisk\"?"));
    EXPECT_THAT(report_on_lines("cpuid = [ \"host,aes=0\" ]"),
                HasSubstr("write cpuid = \"host,...\" without the list"));
}

TEST(Faults, OfTheLanguageHideNoOthers) {
    const std::string text = report("name = \"a/b\"\ntype = \"pvh\"\nmemory 64\n");
    EXPECT_THAT(text, HasSubstr("t.cfg:1:10: error: \"/\" is not allowed in a domain name"));
    EXPECT_THAT(text, HasSubstr("t.cfg:3:8: error: \"=\" is expected"));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("kernel"))); // in a line that was lost, perhaps
}

TEST(Faults, CauseNoFollowUpsAboutWhatTheySpoilt) {
    EXPECT_THAT(report_on_lines("memory = \"2G\"\nmaxmem = 16"), Not(HasSubstr("maxmem (16)")));
    EXPECT_THAT(report("nam e = \"t\"\ntype = \"pvh\"\n"), Not(HasSubstr("needs a name")));
}

TEST(Faults, ComeWithTheWarningsThatMayExplainThem) {
    const std::string text = report("name = \"t\"\ntype = \"pvh\"\nkernal = \"/k\"\n");
    EXPECT_THAT(text, HasSubstr("a PVH domain needs a kernel"));
    EXPECT_THAT(text, HasSubstr("t.cfg:3:1: warning: unknown option \"kernal\""));
    EXPECT_THAT(text, HasSubstr("hint: did you mean \"kernel\"?"));
}

TEST(Faults, InUnitsAreAnsweredWithTheNumber) {
    EXPECT_THAT(report_on_lines("memory = 512m"), HasSubstr("hint: memory is in MiB, write 512"));
    EXPECT_THAT(report_on_lines("memory = \"2G\""),
                HasSubstr("hint: memory is in MiB, write 2048"));
    EXPECT_THAT(report_on_lines("maxmem = 4GiB"), HasSubstr("hint: maxmem is in MiB, write 4096"));
}

TEST(Faults, OfRelativePathsWithoutAFolderAreErrors) {
    EXPECT_THAT(report("name='t'\ntype='pvh'\nkernel='vmlinuz'\n", {}, ""),
                StartsWith("t.cfg:3:8: error: \"vmlinuz\" is a relative path"));
}

} // namespace

} // namespace pvh::config::test
