// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/probe/ap_context.h"

#include "tests/probe/ap.h"
#include "tests/probe/boot.h"

namespace pvh::probe {

namespace {

// Segment attributes: access byte, then AVL, L, D/B, G.   [xen/include/public/hvm/hvm_vcpu.h]
constexpr u16 kCode32 = 0xc9b;
constexpr u16 kData32 = 0xc93;
constexpr u16 kCode16 = 0x09b;
constexpr u16 kData16 = 0x093;
constexpr u16 kBusyTss = 0x08b;
constexpr u16 kPresent = 0x080;
constexpr u16 kCodeOrData = 0x010;
constexpr u16 kLevel3 = 0x060;

constexpr u32 kCr0Pe = 1U << 0;
constexpr u32 kCr0Et = 1U << 4;
constexpr u32 kCr0Pg = 1U << 31;
constexpr u32 kCr4Pse = 1U << 4;
constexpr u32 kCr4Pae = 1U << 5;
constexpr u32 kCr4Reserved = 1U << 31;
constexpr u64 kEferLme = 1U << 8;
constexpr u64 kEferLma = 1U << 10;
constexpr u64 kEferReserved = 1U << 1;
constexpr u32 kFlagsReserved = 1U << 1; // hard-wired to 1

alignas(kPage) u32 page_directory[1024];
alignas(32) u64 page_directory_pointers[4];

u32 low(const void* address) {
    return static_cast<u32>(reinterpret_cast<u64>(address));
}

void build_page_directory() {
    constexpr u32 kLargePage = 0x83; // present, writable, 4 MiB
    for (u32 i = 0; i < 1024; ++i)
        page_directory[i] = i << 22 | kLargePage;
}

// The directories of 64-bit mode serve PAE as well; only their pointers have fewer bits.
void build_pae_pointers() {
    constexpr u64 kPresentBit = 1;
    for (u64 i = 0; i < 4; ++i)
        page_directory_pointers[i] = (address_of(page_directories) + i * kPage) | kPresentBit;
}

vcpu_hvm_context_t context_32(u16 code, u16 data, u32 limit) {
    vcpu_hvm_context_t context{};
    context.mode = VCPU_HVM_MODE_32B;
    vcpu_hvm_x86_32& regs = context.cpu_regs.x86_32;
    regs.eflags = kFlagsReserved;
    regs.cr0 = kCr0Et;
    regs.cs_ar = code;
    regs.ds_ar = regs.es_ar = regs.ss_ar = data;
    regs.cs_limit = regs.ds_limit = regs.es_limit = regs.ss_limit = limit;
    regs.tr_ar = kBusyTss;
    regs.tr_limit = 0x67;
    return context;
}

vcpu_hvm_context_t context_64(const void* entry) {
    vcpu_hvm_context_t context{};
    context.mode = VCPU_HVM_MODE_64B;
    vcpu_hvm_x86_64& regs = context.cpu_regs.x86_64;
    regs.rip = reinterpret_cast<u64>(entry);
    regs.rsp = reinterpret_cast<u64>(ap_stack);
    regs.rflags = kFlagsReserved;
    regs.cr0 = kCr0Pg | kCr0Et | kCr0Pe;
    regs.cr3 = read_cr3();
    regs.cr4 = kCr4Pae;
    regs.efer = kEferLme | kEferLma;
    return context;
}

vcpu_hvm_x86_32& regs32(vcpu_hvm_context_t& context) {
    return context.cpu_regs.x86_32;
}

vcpu_hvm_x86_64& regs64(vcpu_hvm_context_t& context) {
    return context.cpu_regs.x86_64;
}

using Context = vcpu_hvm_context_t;

// In the order of the checks in Xen.   [xen/arch/x86/hvm/domain.c]
constexpr BadState kBadStates[] = {
    {"mode 2", protected_mode_context, [](Context& c) { c.mode = 2; }},
    {"pad", protected_mode_context, [](Context& c) { c.pad = 1; }},
    {"pad1", protected_mode_context, [](Context& c) { regs32(c).pad1 = 1; }},
    {"pad2[0]", protected_mode_context, [](Context& c) { regs32(c).pad2[0] = 1; }},
    {"pad2[2]", protected_mode_context, [](Context& c) { regs32(c).pad2[2] = 1; }},
    {"cs attribute bit 12", protected_mode_context,
     [](Context& c) { regs32(c).cs_ar = kCode32 | 1U << 12; }},
    {"tr attribute bit 15", protected_mode_context,
     [](Context& c) { regs32(c).tr_ar = kBusyTss | 1U << 15; }},
    {"null cs", protected_mode_context, [](Context& c) { regs32(c).cs_ar = 0; }},
    {"null ss", protected_mode_context, [](Context& c) { regs32(c).ss_ar = 0; }},
    {"null tr", protected_mode_context, [](Context& c) { regs32(c).tr_ar = 0; }},
    {"tr is data", protected_mode_context, [](Context& c) { regs32(c).tr_ar = kData32; }},
    {"tr is a 16-bit TSS", protected_mode_context, [](Context& c) { regs32(c).tr_ar = 0x83; }},
    {"cs is a system segment", protected_mode_context,
     [](Context& c) { regs32(c).cs_ar = kCode32 & ~kCodeOrData; }},
    {"cs is not present", protected_mode_context,
     [](Context& c) { regs32(c).cs_ar = kCode32 & ~kPresent; }},
    {"cs is data", protected_mode_context, [](Context& c) { regs32(c).cs_ar = kData32; }},
    {"ss is code", protected_mode_context, [](Context& c) { regs32(c).ss_ar = kCode32; }},
    {"ss is read-only", protected_mode_context, [](Context& c) { regs32(c).ss_ar = 0xc91; }},
    {"ds is execute-only", protected_mode_context, [](Context& c) { regs32(c).ds_ar = 0xc99; }},
    {"es is execute-only", protected_mode_context, [](Context& c) { regs32(c).es_ar = 0xc99; }},
    {"eip beyond cs", real_mode_context, [](Context& c) { regs32(c).eip = 0x10000; }},
    {"ss at another level", protected_mode_context,
     [](Context& c) { regs32(c).ss_ar = kData32 | kLevel3; }},
    {"ds above the level", protected_mode_context,
     [](Context& c) { regs32(c).ds_ar = kData32 | kLevel3; }},
    {"es above the level", protected_mode_context,
     [](Context& c) { regs32(c).es_ar = kData32 | kLevel3; }},
    {"LMA without LME", protected_mode_context, [](Context& c) { regs32(c).efer = kEferLma; }},
    {"reserved bit in cr4", protected_mode_context,
     [](Context& c) { regs32(c).cr4 = kCr4Reserved; }},
    {"reserved bit in efer", protected_mode_context,
     [](Context& c) { regs32(c).efer = kEferReserved; }},
    {"64-bit without PG", long_mode_context, [](Context& c) { regs64(c).cr0 = kCr0Et | kCr0Pe; }},
    {"64-bit without PAE", long_mode_context, [](Context& c) { regs64(c).cr4 = 0; }},
    {"64-bit without LME", long_mode_context, [](Context& c) { regs64(c).efer = 0; }},
    {"non-canonical rip", long_mode_context, [](Context& c) { regs64(c).rip = 1ULL << 60; }},
};

} // namespace

vcpu_hvm_context_t real_mode_context() {
    Context context = context_32(kCode16, kData16, 0xffff);
    regs32(context).eip = kRealModeCode;
    regs32(context).esp = kRealModeStack;
    return context;
}

vcpu_hvm_context_t protected_mode_context() {
    Context context = context_32(kCode32, kData32, ~0U);
    regs32(context).eip = low(ap_protected_mode);
    regs32(context).esp = low(ap_stack);
    regs32(context).cr0 |= kCr0Pe;
    return context;
}

vcpu_hvm_context_t paged_context() {
    build_page_directory();
    Context context = protected_mode_context();
    regs32(context).cr0 |= kCr0Pg;
    regs32(context).cr3 = low(page_directory);
    regs32(context).cr4 = kCr4Pse;
    return context;
}

vcpu_hvm_context_t pae_context() {
    build_pae_pointers();
    Context context = protected_mode_context();
    regs32(context).eip = low(ap_pae_mode);
    regs32(context).esi = low(page_directory_pointers);
    regs32(context).cr0 |= kCr0Pg;
    regs32(context).cr3 = low(page_directory_pointers);
    regs32(context).cr4 = kCr4Pae;
    return context;
}

vcpu_hvm_context_t long_mode_context() {
    return context_64(ap_long_mode);
}

vcpu_hvm_context_t event_context() {
    return context_64(ap_event_mode);
}

BadStates bad_states() {
    return {kBadStates, sizeof(kBadStates) / sizeof(kBadStates[0])};
}

} // namespace pvh::probe
