// SPDX-License-Identifier: LGPL-2.1-or-later
// The languages inside strings: what good ones mean. Bad ones are in faults_test.cpp.
#include "tests/unit/config/reading.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::config::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// The spec of a config that is sound, though this release may refuse it.
DomainSpec sound(const std::string& lines) {
    CheckResult result = check_lines(lines);
    EXPECT_TRUE(result.is_sound()) << result.report;
    return result.spec;
}

DiskSpec disk(const std::string& text) {
    return sound("disk = [ '" + text + "' ]").disks.at(0);
}

TEST(Disk, HasFourPlaces) {
    const DiskSpec all = disk("/dev/vg/a,raw,xvda,w");
    EXPECT_EQ(all, (DiskSpec{.target = "/dev/vg/a", .vdev = "xvda"}));
    EXPECT_EQ(disk("/a.qcow2,qcow2,xvdb,r"), (DiskSpec{.target = "/a.qcow2",
                                                       .format = DiskFormat::qcow2,
                                                       .vdev = "xvdb",
                                                       .is_writable = false}));
    EXPECT_EQ(disk("/a,,xvda"), disk("/a,raw,xvda,rw"));
    EXPECT_EQ(disk(" /a, raw,  xvda, w"), disk("/a,raw,xvda"));
}

TEST(Disk, WarnsOfWhatIsTakenOtherwiseThanMeant) {
    EXPECT_THAT(check_lines("disk = [ 'vdev=xvda,target=/a, access=ro' ]").report,
                HasSubstr(":32: warning: target= takes the rest of the text, access= as well"));
    EXPECT_THAT(check_lines("disk = [ 'vdev=xvda,target=/a,b=c' ]").report,
                Not(HasSubstr("warning: target=")));
    EXPECT_TRUE(disk("/a,raw,xvda,w!").is_shared);
    EXPECT_FALSE(disk("/a,raw,xvda,w").is_shared);
    EXPECT_THAT(check_lines("disk = [ '/b.qcow2,,xvda,w' ]").report,
                HasSubstr("warning: /b.qcow2 is given to the guest as it is"));
    EXPECT_THAT(check_lines("vif = [ 'script=/etc/xen/scripts/vif-bridge' ]").report,
                HasSubstr("warning: vif-bridge is not run"));
    EXPECT_EQ(sound("vif = [ 'script=/opt/vif-bridge' ]").nics.at(0).script, "/opt/vif-bridge");
}

TEST(Disk, TakesNamedWordsAnywhere) {
    EXPECT_EQ(disk("vdev=xvda,/a"), disk("/a,raw,xvda"));
    EXPECT_EQ(disk("format=raw,/a,xvda"), disk("/a,raw,xvda"));
    EXPECT_EQ(disk("access=ro,vdev=xvda,target=/a,b=c"),
              (DiskSpec{.target = "/a,b=c", .vdev = "xvda", .is_writable = false}));
    const DiskSpec rich = disk("/a,raw,xvda,w,backend=store,backendtype=phy,script=block-x,"
                               "discard,direct-io-safe,untrusted,grant_usage=1");
    EXPECT_EQ(rich.backend, "store");
    EXPECT_EQ(rich.backend_type, DiskBackend::phy);
    EXPECT_EQ(rich.script, "block-x");
    EXPECT_EQ(rich.discard, true);
    EXPECT_TRUE(rich.is_direct_io_safe);
    EXPECT_EQ(rich.is_trusted, false);
    EXPECT_EQ(rich.uses_grants, true);
}

TEST(Disk, TakesPrefixesOfXend) {
    EXPECT_EQ(disk("phy:/dev/vg/a,xvda,w"), disk("/dev/vg/a,raw,xvda,w"));
    EXPECT_EQ(disk("file:/a,sda1,w").vdev, "sda1");
    EXPECT_EQ(disk("tap:aio:/a,hda,w").target, "/a");
    EXPECT_EQ(disk("tap:tapdisk:qcow2:/a,hda,w").format, DiskFormat::qcow2);
    EXPECT_EQ(disk("iscsi:iqn.x,xvda").script, "block-iscsi");
    EXPECT_EQ(disk("/a,raw,xvda,script=block").script, ""); // what is done anyway
}

TEST(Disk, OfACdromIsReadOnlyAndMayBeEmpty) {
    const DiskSpec cdrom{.target = "/a.iso", .vdev = "hdc", .is_writable = false, .is_cdrom = true};
    EXPECT_EQ(disk("/a.iso,,hdc,cdrom"), cdrom);
    EXPECT_EQ(disk("/a.iso,raw,hdc:cdrom,w"), cdrom);
    EXPECT_EQ(disk("vdev=hdc,devtype=cdrom,target=/a.iso"), cdrom);
    EXPECT_EQ(disk(",hdc:cdrom,r").format, DiskFormat::empty);
    EXPECT_EQ(disk(",empty,hdc,cdrom").format, DiskFormat::empty);
}

NicSpec nic(const std::string& text) {
    return sound("vif = [ '" + text + "' ]").nics.at(0);
}

TEST(Nic, HasItsKeysInAnyOrder) {
    EXPECT_EQ(nic(""), NicSpec{});
    const NicSpec rich =
        nic("mac=00:16:3E:0:1:fF, bridge=ovsbr0.100:200,ip=10.0.0.1 10.0.0.2 ,"
            "script=vif-x,vifname=web0,backend=net,gatewaydev=eth0,mtu=9000,devid=3,"
            "vlan=7,rate=10Mb/s,model=e1000,type=vif,untrusted");
    EXPECT_EQ(rich, (NicSpec{.mac = "00:16:3e:00:01:ff",
                             .bridge = "ovsbr0.100:200",
                             .script = "vif-x",
                             .ip = "10.0.0.1 10.0.0.2", // xl keeps a blank at the end
                             .vifname = "web0",
                             .gatewaydev = "eth0",
                             .backend = "net",
                             .vlan = "7",
                             .rate = RateLimit{62500, 50000},
                             .mtu = 9000,
                             .devid = 3,
                             .is_trusted = false}));
    EXPECT_EQ(nic("mac=00-16-3e-00-01-ff").mac, "00:16:3e:00:01:ff");
}

TEST(Nic, RatesAreBytesOrBitsByInterval) {
    EXPECT_EQ(nic("rate=1MB/s@20ms").rate, (RateLimit{20000, 20000}));
    EXPECT_EQ(nic("rate=1GB/s@1").rate, (RateLimit{1000000000, 1000000}));
    EXPECT_EQ(nic("rate=8Kb/s@500us").rate, (RateLimit{0, 500}));
    EXPECT_EQ(nic("rate=4294967295B/s@1s").rate, (RateLimit{4294967295, 1000000}));
}

TEST(Cpus, AreForAllVcpusOrOneByOne) {
    const CpuSet first{CpuSetKind::cpus, false, 0, 3};
    const CpuSet without{CpuSetKind::cpus, true, 1, 1};
    EXPECT_EQ(sound("vcpus = 2\ncpus = '0-3,^1'").hard_affinity,
              (std::vector<CpuList>{{first, without}, {first, without}}));
    EXPECT_EQ(sound("vcpus = 3\ncpus = ['0-3', 'all,^nodes: 1']").hard_affinity,
              (std::vector<CpuList>{
                  {first}, {{CpuSetKind::all, false, 0, 0}, {CpuSetKind::nodes, true, 1, 1}}}));
    EXPECT_EQ(sound("cpus_soft = 2").soft_affinity,
              (std::vector<CpuList>{{{CpuSetKind::cpus, false, 2, 2}}}));
}

TEST(Cpuid, TakesBothForms) {
    const auto host = sound("cpuid = 'host,aes=0,family=16,model=0x6b,proccount=k'").cpuid;
    ASSERT_EQ(host.size(), 1U);
    EXPECT_EQ(host[0].leaf, 1U);
    EXPECT_EQ(host[0].ecx, "xxxxxx0xxxxxxxxxxxxxxxxxxxxxxxxx");
    EXPECT_EQ(host[0].eax, "xxxx000000010110xxxx11111011xxxx");
    EXPECT_EQ(host[0].ebx, "xxxxxxxxkkkkkkkkxxxxxxxxxxxxxxxx");
    const std::string ones(32, '1');
    const auto xend =
        sound("cpuid = [ '7,0:ebx=" + ones + ", ecx=" + ones + "', '0x80000001:edx=" + ones + "' ]")
            .cpuid;
    ASSERT_EQ(xend.size(), 2U);
    EXPECT_EQ(xend[0].subleaf, 0U);
    EXPECT_EQ(xend[0].ecx, ones);
    EXPECT_EQ(xend[1].leaf, 0x80000001U);
    EXPECT_FALSE(xend[1].subleaf.has_value());
}

TEST(OtherDevices, AreRead) {
    const DomainSpec spec = sound(
        "channel = [ 'connection=socket, path=/run/s , name=org.x', "
        "'connection=pty,name=org.y,path=/x' ]\n"
        "p9 = [ 'tag=root,path=/srv,security_model=none', 'type=xen_9pfsd,tag=t,max-files=5' ]\n"
        "vtpm = [ 'backend=tpm,uuid=12345678-9abc-def0-1234-56789abcdef0' ]\n"
        "vfb = [ 'type=vnc,vnc=1' ]\nusbctrl = [ 'version=2,ports=4' ]\n");
    EXPECT_THAT(spec.channels,
                ElementsAre(ChannelSpec{ChannelConnection::socket, "org.x", "/run/s", ""},
                            ChannelSpec{ChannelConnection::pty, "org.y", "", ""}));
    EXPECT_EQ(spec.p9.at(0).path, "/srv");
    EXPECT_EQ(spec.p9.at(1).max_files, 5U);
    EXPECT_EQ(spec.vtpms.at(0).backend, "tpm");
}

TEST(Check, TellsWhatBecomesOfEachKey) {
    const CheckResult result =
        check_lines("boot = 'c'\ndhcp = 1\nhap = 0\np9 = ['tag=a,path=/,security_model=none']\npci "
                    "= ['1']\nvcpus = 'x'");
    std::string verdicts;
    for (const KeyVerdict& key : result.keys)
        verdicts += key.key + ":" + std::to_string(key.place.line) + ":" +
                    std::string{word_of(key.verdict)} + " ";
    EXPECT_EQ(verdicts, "name:1:used type:2:used kernel:3:used boot:4:ignored dhcp:5:unknown "
                        "hap:6:not applied p9:7:used pci:8:refused vcpus:9:refused ");
    EXPECT_TRUE(result.has_errors);
    EXPECT_FALSE(result.is_sound());
    EXPECT_TRUE(check_lines("p9 = ['tag=a,path=/,security_model=none']").is_sound());
    EXPECT_TRUE(check_lines("disk = ['/a,qcow2,xvda']").is_sound());
    EXPECT_FALSE(check_lines("disk = ['/a,,xvda']").has_errors);
}

TEST(Check, RefusesUnknownOptionsWhenStrict) {
    const Source file{.name = "t.cfg", .text = std::string{kBase} + "on_powerof = 'x'\n"};
    EXPECT_FALSE(check_domain_config(file, {}, "/").has_errors);
    const CheckResult strict = check_domain_config(file, {}, "/", Unknown::refused);
    EXPECT_TRUE(strict.has_errors);
    EXPECT_THAT(strict.report, HasSubstr("did you mean \"on_poweroff\"?"));
}

} // namespace
} // namespace pvh::config::test
