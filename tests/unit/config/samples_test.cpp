// SPDX-License-Identifier: LGPL-2.1-or-later
// Whole files: our examples, and the habits of the generators whose files are about.
#include "tests/unit/config/reading.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::config::test {

namespace {

using ::testing::IsEmpty;

std::string content_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
}

TEST(Examples, AreAcceptedWithoutAWord) {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator{PVH_SOURCE_DIR "/config/examples"}) {
        if (entry.path().extension() != ".cfg") continue;
        EXPECT_THAT(read(content_of(entry.path())).warnings, IsEmpty()) << entry.path();
        ++count;
    }
    EXPECT_GE(count, 3U);
}

TEST(Samples, CopiedHvmTemplate) {
    const auto result = read(R"(#  -*- mode: python; -*-
builder = ''
name    = "freebsd"
type    = "pvh"
memory  = '2048'
vcpus   = "2"
kernel  = "/boot/kernel"
boot    = "c"            # leftovers
serial  = 'pty'
vnc=1; vnclisten="0.0.0.0"; usb=1
usbdevice = 'tablet'
disk = [  ]	
vif  = [
	# none yet
]
on_xend_start = 'ignore'
)");
    EXPECT_EQ(result.spec.memory_mib, 2048U);
    EXPECT_EQ(result.spec.vcpus, 2U);
    EXPECT_EQ(result.warnings.size(), 1U);
}

TEST(Samples, AlignedShellGeneratedFile) {
    const auto result = read(R"(
kernel      = '/boot/vmlinuz-6.1.0-amd64'
ramdisk     = '/boot/initrd.img-6.1.0-amd64'
vcpus       = '1'
memory      = '512'
root        = '/dev/xvda2 ro elevator=noop'
extra       = "console=hvc0 say='hi # there'"#nospace
name        = 'mail.example.org'
type        = "pvh"
dhcp        = 'dhcp'
on_poweroff = 'destroy'
on_reboot   = 'restart'
on_crash    = 'restart'
)");
    EXPECT_EQ(result.spec.name, "mail.example.org");
    EXPECT_EQ(result.spec.cmdline,
              "root=/dev/xvda2 ro elevator=noop console=hvc0 say='hi # there'");
    EXPECT_EQ(result.spec.on_crash, EndAction::restart);
    EXPECT_EQ(result.warnings.size(), 1U); // dhcp
}

TEST(Samples, OneLine) {
    const auto result = read("name='one';type=\"pvh\";kernel='/boot/"
                             "pvgrub';vcpus=1;maxvcpus=4;memory=0400;vif=[];uuid='8f5cd4c1-06b5-"
                             "4f0f-9b0e-3d1d3f5f7a10'");
    EXPECT_EQ(result.spec.memory_mib, 256U);
    EXPECT_EQ(result.spec.max_vcpus, 4U);
}

TEST(Samples, NumaTuning) {
    const auto result = read(std::string{kBase} + R"(
cpus = ["0-3", "^1,2", 'node:0']
cpus_soft = "all"
pool = "Pool-node0"
cpu_weight = 512
max_grant_frames = 256
nomigrate = 1
tsc_mode = "native"
timer_mode = "one_missed_tick_pending"
)");
    // Three items, one vCPU.
    EXPECT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.spec.hard_affinity, (std::vector<CpuList>{{{CpuSetKind::cpus, false, 0, 3}}}));
    EXPECT_EQ(result.spec.soft_affinity, (std::vector<CpuList>{{{CpuSetKind::all, false, 0, 0}}}));
    EXPECT_EQ(result.spec.pool, "Pool-node0");
    EXPECT_EQ(result.spec.scheduling.weight, 512U);
    EXPECT_EQ(result.spec.max_grant_frames, 256U);
    EXPECT_TRUE(result.spec.never_migrates);
    EXPECT_EQ(result.spec.tsc_mode, TscMode::native);
    EXPECT_EQ(result.spec.timer_mode, TimerMode::one_missed_tick_pending);
}

} // namespace

} // namespace pvh::config::test
