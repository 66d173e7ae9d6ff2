// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/traffic.h"
#include "tests/support/temp_folder.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace pvh::host {
namespace {

class TrafficTest : public testing::Test {
  protected:
    void write(const std::string& name, const std::string& text) const {
        const std::filesystem::path file = folder_ / ("sys/bus/xen-backend/devices/" + name);
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << text;
    }

    [[nodiscard]] device::Traffic read() const {
        std::string root = folder_ / "";
        root.pop_back();
        return read_traffic(root);
    }

    test::TempFolder folder_;
};

TEST_F(TrafficTest, WhatDom0SendsTheGuestReceives) {
    write("vif-7-1/net/mine/statistics/rx_bytes", "100\n"); // named by vifname=
    write("vif-7-1/net/mine/statistics/rx_packets", "2\n");
    write("vif-7-1/net/mine/statistics/tx_bytes", "18446744073709551615\n");
    write("vif-7-1/net/mine/statistics/tx_packets", "3\n");
    const device::Traffic traffic = read();
    ASSERT_EQ(traffic.nics.size(), 1U);
    const device::NicTraffic& nic = traffic.nics.front();
    EXPECT_EQ(nic.frontend, DomId{7});
    EXPECT_EQ(nic.id, 1U);
    EXPECT_EQ(nic.sent_bytes, 100U);
    EXPECT_EQ(nic.sent_packets, 2U);
    EXPECT_EQ(nic.received_bytes, ~0ULL);
    EXPECT_EQ(nic.received_packets, 3U);
}

TEST_F(TrafficTest, DisksAreCountedByBlkback) {
    for (const char* name : {"rd_req", "wr_req", "f_req", "ds_req", "rd_sect", "wr_sect"})
        write(std::string{"vbd-7-51712/statistics/"} + name, std::to_string(name[0]) + "\n");
    const device::Traffic traffic = read(); // no oo_req
    ASSERT_EQ(traffic.disks.size(), 1U);
    const device::DiskTraffic& disk = traffic.disks.front();
    EXPECT_EQ(disk.frontend, DomId{7});
    EXPECT_EQ(disk.id, 51712U);
    EXPECT_EQ(disk.read_requests, std::uint64_t{'r'});
    EXPECT_EQ(disk.write_requests, std::uint64_t{'w'});
    EXPECT_EQ(disk.flush_requests, std::uint64_t{'f'});
    EXPECT_EQ(disk.discard_requests, std::uint64_t{'d'});
    EXPECT_EQ(disk.read_sectors, std::uint64_t{'r'});
    EXPECT_EQ(disk.written_sectors, std::uint64_t{'w'});
    EXPECT_EQ(disk.starved, 0U);
}

TEST_F(TrafficTest, WhatIsNoDeviceIsLeftOut) {
    for (const char* name :
         {"vbd", "vbd-7", "vbd-x-1", "vbd-7-", "vbd-70000-1", "pci-7-0", "vbd-7-51712-1"})
        write(std::string{name} + "/statistics/rd_req", "1\n");
    write("vbd-8-51712/uevent", ""); // no counters yet
    write("vif-8-0/uevent", "");     // no interface yet
    const device::Traffic traffic = read();
    EXPECT_TRUE(traffic.disks.empty());
    EXPECT_TRUE(traffic.nics.empty());
    EXPECT_TRUE(read_traffic("/nowhere").disks.empty());
}

} // namespace
} // namespace pvh::host
