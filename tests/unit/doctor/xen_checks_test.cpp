// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/doctor/xen_checks.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::doctor {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kMibPages = 256;

class XenChecksTest : public testing::Test {
  protected:
    XenChecksTest() {
        host_.xen_major = 4;
        host_.xen_minor = 17;
        host_.xen_extra = ".5";
        host_.library_version = "4.17.0";
        host_.xen_commandline = "placeholder dom0_mem=1024M,max:1024M";
        host_.has_hvm = host_.has_hap = true;
        host_.total_pages = PageCount{8192 * kMibPages};
        host_.free_pages = PageCount{6000 * kMibPages};
        dom0_.pages = PageCount{1024 * kMibPages};
    }

    [[nodiscard]] Check find(const std::string& name) const {
        const Checks checks = check_xen(host_, dom0_);
        const auto found = std::find_if(checks.begin(), checks.end(),
                                        [&](const Check& check) { return check.name == name; });
        return found == checks.end() ? Check{} : *found;
    }

    xen::HostInfo host_;
    xen::DomainInfo dom0_;
};

TEST_F(XenChecksTest, AGoodHostIsOk) {
    for (const Check& check : check_xen(host_, dom0_)) {
        EXPECT_EQ(check.status, Status::ok) << check.name << ": " << check.message;
        EXPECT_EQ(check.hint, "");
    }
    EXPECT_EQ(find("xen_version").message, "Xen 4.17.5, pvhd built for 4.17.0");
    EXPECT_EQ(find("memory").message, "6000 of 8192 MiB free, 0 MiB claimed by builds under way");
}

TEST_F(XenChecksTest, PvhNeedsHap) {
    host_.has_hap = false;
    EXPECT_EQ(find("hap").status, Status::fail);
    EXPECT_THAT(find("hap").hint, HasSubstr("EPT"));
    host_.has_hvm = false;
    EXPECT_THAT(find("hap").hint, HasSubstr("firmware"));
}

TEST_F(XenChecksTest, LibrariesOfAnotherXenAreWarnedOf) {
    for (const char* other : {"4.16.2", "4.1", "4.170", ""}) {
        host_.library_version = other;
        EXPECT_EQ(find("xen_version").status, Status::warn) << other;
    }
    host_.library_version = "4.17";
    EXPECT_EQ(find("xen_version").status, Status::ok);
}

TEST_F(XenChecksTest, ClaimedMemoryIsNotFree) {
    host_.outstanding_pages = PageCount{5990 * kMibPages};
    EXPECT_EQ(find("memory").status, Status::warn);
    EXPECT_THAT(find("memory").message, HasSubstr("10 of 8192 MiB free, 5990 MiB claimed"));
    EXPECT_EQ(find("dom0_memory").status, Status::ok);
}

TEST_F(XenChecksTest, ADom0WithAllMemoryIsATrap) {
    host_.free_pages = PageCount{12 * kMibPages};
    dom0_.pages = PageCount{8000 * kMibPages};
    EXPECT_EQ(find("dom0_memory").status, Status::fail);
    EXPECT_THAT(find("dom0_memory").hint, HasSubstr("pvhctl mem-set 0"));
}

TEST_F(XenChecksTest, SoIsOneThatWasGivenNoLimit) {
    host_.xen_commandline = "loglvl=all";
    EXPECT_EQ(find("dom0_memory").status, Status::warn);
    EXPECT_THAT(find("dom0_memory").hint, HasSubstr("dom0_mem="));
    EXPECT_THAT(find("dom0_memory").hint, HasSubstr("autoballoon"));
}

TEST(XenstoredCheck, TellsHowLongAReadTook) {
    const Check quick = check_xenstored("oxenstored", std::chrono::microseconds{83});
    EXPECT_EQ(quick.status, Status::ok);
    EXPECT_EQ(quick.message, "oxenstored answered a read in 83 us");
    EXPECT_EQ(check_xenstored("", std::chrono::seconds{1}).status, Status::warn);
}

} // namespace
} // namespace pvh::doctor
