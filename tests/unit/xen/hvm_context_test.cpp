// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "libdomain/xen/hvm_context.h"

#include <cstring>

#include <gtest/gtest.h>

namespace pvh::xen {
namespace {

struct Record {
    std::uint16_t type;
    std::uint16_t instance;
    std::vector<std::uint8_t> body;
};

std::vector<Record> records_of(const std::vector<std::uint8_t>& stream) {
    std::vector<Record> records;
    std::size_t at = 0;
    while (at + 8 <= stream.size()) {
        Record record{};
        std::uint32_t length = 0;
        std::memcpy(&record.type, &stream[at], 2);
        std::memcpy(&record.instance, &stream[at + 2], 2);
        std::memcpy(&length, &stream[at + 4], 4);
        at += 8;
        record.body.assign(stream.begin() + static_cast<std::ptrdiff_t>(at),
                           stream.begin() + static_cast<std::ptrdiff_t>(at + length));
        at += length;
        records.push_back(record);
    }
    EXPECT_EQ(at, stream.size());
    return records;
}

TEST(HvmContext, IsHeaderThenMtrrsThenTheBootVcpuThenAnEmptyEnd) {
    const auto records = records_of(compose_hvm_context({}, 3));
    ASSERT_EQ(records.size(), 6U);
    EXPECT_EQ(records[0].type, 1);
    for (std::size_t i = 1; i <= 3; ++i) {
        EXPECT_EQ(records[i].type, 14);
        EXPECT_EQ(records[i].instance, i - 1);
        EXPECT_EQ(records[i].body.size(), 240U);
    }
    EXPECT_EQ(records[4].type, 2);
    EXPECT_EQ(records[4].instance, 0);
    EXPECT_EQ(records[5].type, 0);
    EXPECT_TRUE(records[5].body.empty());
}

TEST(HvmContext, CarriesTheStateAtTheAbiOffsets) {
    VcpuState state;
    state.rip = 0x1000850;
    state.rbx = 0x5000;
    state.cr0 = 0x11;
    state.rflags = 0x2;
    state.cr4 = 0x20;
    state.dr6 = 0xffff0ff0;
    state.dr7 = 0x400;
    state.cs = {.selector = 0, .base = 0x10, .limit = 0xffffffff, .attributes = 0xc9b};
    state.ss = {.selector = 0, .base = 0, .limit = 0xffffffff, .attributes = 0xc93};
    state.tr = {.selector = 0x30, .base = 0x20, .limit = 0x67, .attributes = 0x8b};
    const auto records = records_of(compose_hvm_context(state, 1));
    const auto u32 = [&](std::size_t at) {
        std::uint32_t value = 0;
        std::memcpy(&value, &records[2].body[at], 4);
        return value;
    };
    const auto u64 = [&](std::size_t at) {
        std::uint64_t value = 0;
        std::memcpy(&value, &records[2].body[at], 8);
        return value;
    };
    EXPECT_EQ(u64(512 + 8), 0x5000U);         // rbx
    EXPECT_EQ(u64(512 + 16 * 8), 0x1000850U); // rip
    EXPECT_EQ(u64(512 + 18 * 8), 0x11U);      // cr0
    // Offsets of struct hvm_hw_cpu.   [xen/include/public/arch-x86/hvm/save.h]
    EXPECT_EQ(u64(648), 0x2U);        // rflags
    EXPECT_EQ(u64(680), 0x20U);       // cr4
    EXPECT_EQ(u64(720), 0xffff0ff0U); // dr6
    EXPECT_EQ(u64(728), 0x400U);      // dr7
    EXPECT_EQ(u32(760), 0x30U);       // tr_sel
    EXPECT_EQ(u32(768), 0xffffffffU); // cs_limit
    EXPECT_EQ(u32(792), 0x67U);       // tr_limit
    EXPECT_EQ(u64(808), 0x10U);       // cs_base
    EXPECT_EQ(u64(856), 0x20U);       // tr_base
    EXPECT_EQ(u32(888), 0xc9bU);      // cs_arbytes
    EXPECT_EQ(u32(908), 0xc93U);      // ss_arbytes
    EXPECT_EQ(u32(912), 0x8bU);       // tr_arbytes
}

TEST(HvmContext, ReadsBackWhatItWrote) {
    VcpuState state;
    std::uint64_t value = 1;
    for (std::uint64_t* word : {&state.rip, &state.rbx, &state.rflags, &state.cr0, &state.cr3,
                                &state.cr4, &state.efer, &state.dr6, &state.dr7})
        *word = value++;
    std::uint32_t next = 10;
    for (SegmentState* segment : {&state.cs, &state.ds, &state.es, &state.ss, &state.fs, &state.gs,
                                  &state.ldtr, &state.tr}) {
        *segment = {next, next + 1, next + 2, next + 3};
        next += 4;
    }
    const auto records = records_of(compose_hvm_context(state, 1));
    EXPECT_EQ(read_cpu_record(records[2].body), state);
    EXPECT_THROW(read_cpu_record(std::span{records[2].body}.first(8)), Error);
}

} // namespace
} // namespace pvh::xen
