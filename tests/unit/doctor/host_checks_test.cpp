// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/doctor/host_checks.h"
#include "tests/support/temp_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pvh::doctor {
namespace {

using ::testing::HasSubstr;

/// A folder that looks like a dom0 in which all is well.
class HostChecksTest : public testing::Test {
  protected:
    HostChecksTest() {
        write("/proc/xen/capabilities", "control_d\n");
        write("/proc/self/status", "Name:\tpvhd\nCapEff:\t000001ffffffffff\n");
        write("/proc/17/comm", "oxenstored\n");
        write("/proc/18/comm", "xenconsoled\n");
        for (const char* device : {"privcmd", "evtchn", "gntdev", "gntalloc", "xenbus"})
            write(std::string{"/dev/xen/"} + device, "");
        write("/dev/loop-control", "");
        for (const char* kind : {"vbd", "vif"})
            write(std::string{"/sys/bus/xen-backend/drivers/"} + kind + "/bind", "");
        write("/sys/class/net/xenbr0/bridge/bridge_id", "");
        write("/sys/class/net/lo/mtu", "");
        write("/usr/libexec/xen-qemu-system-i386", "");
        ::chmod(path("/usr/libexec/xen-qemu-system-i386").c_str(), 0755);
    }

    [[nodiscard]] std::string path(const std::string& name) const {
        return folder_ / name.substr(1);
    }

    void write(const std::string& name, const std::string& text) const {
        const std::filesystem::path file = path(name);
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << text;
    }

    void remove(const std::string& name) const { std::filesystem::remove_all(path(name)); }

    [[nodiscard]] Check find(const std::string& name) const {
        const Checks checks = check_host({.root = path("/"), .is_console_served = is_served_});
        const auto found = std::find_if(checks.begin(), checks.end(),
                                        [&](const Check& check) { return check.name == name; });
        return found == checks.end() ? Check{} : *found;
    }

    void expect(const std::string& name, Status status, const std::string& message,
                const std::string& hint) const {
        const Check check = find(name);
        EXPECT_EQ(check.name, name);
        EXPECT_EQ(check.status, status) << name << ": " << check.message;
        EXPECT_THAT(check.message, HasSubstr(message));
        EXPECT_THAT(check.hint, HasSubstr(hint));
    }

    test::TempFolder folder_;
    bool is_served_ = true;
};

TEST_F(HostChecksTest, OfAGoodHostAllAreOkAndGiveNoHint) {
    for (const Check& check : check_host({.root = path("/"), .is_console_served = true})) {
        if (check.name == "rights" && ::geteuid() != 0) continue;
        EXPECT_EQ(check.status, Status::ok) << check.name << ": " << check.message;
        EXPECT_EQ(check.hint, "") << check.name;
    }
    EXPECT_EQ(find("bridge").message, "xenbr0");
}

TEST_F(HostChecksTest, EachFaultHasItsHint) {
    const struct {
        const char* lost;
        const char* check;
        Status status;
        const char* message;
        const char* hint;
    } faults[] = {
        {"/proc/xen/capabilities", "dom0", Status::fail, "no Xen", "boot this machine with Xen"},
        {"/dev/xen/privcmd", "privcmd", Status::fail, "No such file", "modprobe xen-privcmd"},
        {"/dev/xen/gntdev", "gntdev", Status::fail, "No such file", "modprobe xen-gntdev"},
        {"/dev/xen/gntalloc", "gntalloc", Status::warn, "No such file", "modprobe xen-gntalloc"},
        {"/dev/loop-control", "loop", Status::warn, "No such file", "modprobe loop"},
        {"/sys/bus/xen-backend/drivers/vbd", "blkback", Status::warn, "no xen-blkback",
         "modprobe xen-blkback"},
        {"/sys/bus/xen-backend/drivers/vif", "netback", Status::warn, "no xen-netback",
         "modprobe xen-netback"},
        {"/sys/class/net/xenbr0", "bridge", Status::warn, "no bridge", "ip link add xenbr0"},
        {"/usr/libexec/xen-qemu-system-i386", "qemu", Status::warn, "no QEMU", "qemu-system-xen"},
        {"/proc/18", "xenconsoled", Status::warn, "not seen", "start xenconsoled"},
    };

    for (const auto& fault : faults) {
        remove(fault.lost);
        expect(fault.check, fault.status, fault.message, fault.hint);
    }
    is_served_ = false;
    expect("pvhconsoled", Status::warn, "does not answer", "start pvhconsoled");
    expect("xenconsoled", Status::fail, "nobody serves consoles", "start pvhconsoled");
}

TEST_F(HostChecksTest, XenfsMayBeMissingInDom0) {
    remove("/proc/xen");
    write("/sys/hypervisor/type", "xen\n");
    write("/sys/hypervisor/uuid", "00000000-0000-0000-0000-000000000000\n");
    expect("dom0", Status::ok, "xenfs is not mounted", "");
    write("/sys/hypervisor/uuid", "5d1c7e0a-0000-0000-0000-000000000001\n");
    expect("dom0", Status::fail, "not its control domain", "run pvhd in dom0");
}

TEST_F(HostChecksTest, RootWithoutItsCapabilityIsWarnedOf) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root";
    write("/proc/self/status", "Name:\tpvhd\nCapEff:\t0000000000000001\n");
    expect("rights", Status::warn, "CAP_NET_ADMIN", "bridges");
}

TEST_F(HostChecksTest, SystemdIsToStartPvhd) {
    write("/run/systemd/system/x", "");
    expect("systemd", Status::warn, "does not start with the host",
           "systemctl enable pvhd.service");
    write("/etc/systemd/system/multi-user.target.wants/pvhd.service", "");
    expect("systemd", Status::warn, "pvhd-domains does not", "pvhd-domains.service");
    write("/etc/systemd/system/multi-user.target.wants/pvhd-domains.service", "");
    expect("systemd", Status::ok, "start with the host", "");
}

TEST_F(HostChecksTest, TellsWhichXenstoredRuns) {
    EXPECT_EQ(find_xenstored(path("/")), "oxenstored");
    write("/proc/17/comm", "xenstored\n");
    EXPECT_EQ(find_xenstored(path("/")), "xenstored");
    remove("/proc/17");
    EXPECT_EQ(find_xenstored(path("/")), "");
    EXPECT_EQ(check_xenstored_process(path("/")).status, Status::warn);
}

TEST_F(HostChecksTest, LooksAtTheStateFolder) {
    EXPECT_EQ(check_state_folder(path("/")).status, Status::ok);
    const Check missing = check_state_folder(path("/nowhere"));
    EXPECT_EQ(missing.status, Status::fail);
    EXPECT_THAT(missing.message, HasSubstr("No such file"));
}

} // namespace
} // namespace pvh::doctor
