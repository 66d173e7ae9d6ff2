// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/xen/hvm_context.h"

#include "libdomain/core/error.h"
#include "libdomain/xen/xen_headers.h"

#include <cstring>

#include <cpuid.h>
#include <fmt/format.h>

namespace pvh::xen {

namespace {

// In C the length of the END record is 0; in C++ an empty struct has size 1 and
// HVM_SAVE_LENGTH(END) lies.
constexpr std::uint32_t kEndLength = 0;

constexpr std::uint64_t kPatAfterReset = 0x0007040600070406;
// 8 variable ranges, fixed ranges, write combining: what hvm_vcpu_cacheattr_init gives.
// [xen/arch/x86/hvm/mtrr.c]
constexpr std::uint64_t kMtrrCap = 0x508;
// Enabled, write back by default: without it Linux sees MTRRs off and leaves PAT alone.
// [xg_dom_x86.c vcpu_hvm]
constexpr std::uint64_t kMtrrDefType = 0x806;
constexpr std::uint16_t kFcwReset = 0x0040;
constexpr std::uint32_t kMxcsrReset = 0x1f80;

static_assert(sizeof(hvm_save_descriptor) == 8);
static_assert(sizeof(hvm_save_header) == 24);
static_assert(sizeof(hvm_hw_cpu) == 1032);
static_assert(sizeof(hvm_hw_mtrr) == 240);

class Stream {
  public:
    template <class Record>
    void add(std::uint16_t type, std::uint16_t instance, const Record& record) {
        describe(type, instance, sizeof(Record));
        append(&record, sizeof(Record));
    }

    void end() { describe(HVM_SAVE_CODE(END), 0, kEndLength); }

    std::vector<std::uint8_t> take() { return std::move(bytes_); }

  private:
    void describe(std::uint16_t type, std::uint16_t instance, std::uint32_t length) {
        const hvm_save_descriptor descriptor{
            .typecode = type, .instance = instance, .length = length};
        append(&descriptor, sizeof(descriptor));
    }

    void append(const void* data, std::size_t size) {
        const auto old = bytes_.size();
        bytes_.resize(old + size);
        std::memcpy(bytes_.data() + old, data, size);
    }

    std::vector<std::uint8_t> bytes_;
};

hvm_save_header header() {
    hvm_save_header header{};
    header.magic = HVM_FILE_MAGIC;
    header.version = HVM_FILE_VERSION;
    // Xen compares this with its own CPU and remarks on a difference in its log.
    std::uint32_t b = 0;
    std::uint32_t c = 0;
    std::uint32_t d = 0;
    __get_cpuid(1, &header.cpuid, &b, &c, &d);
    return header; // gtsc_khz 0 leaves the guest's TSC rate as it is
}

hvm_hw_mtrr default_mtrr() {
    hvm_hw_mtrr mtrr{};
    mtrr.msr_pat_cr = kPatAfterReset;
    mtrr.msr_mtrr_cap = kMtrrCap;
    mtrr.msr_mtrr_def_type = kMtrrDefType;
    return mtrr;
}

void set_segments(hvm_hw_cpu& cpu, const VcpuState& state) {
    const auto put = [](const SegmentState& from, std::uint32_t& selector, std::uint32_t& limit,
                        std::uint64_t& base, std::uint32_t& attributes) {
        selector = from.selector;
        limit = from.limit;
        base = from.base;
        attributes = from.attributes;
    };
    put(state.cs, cpu.cs_sel, cpu.cs_limit, cpu.cs_base, cpu.cs_arbytes);
    put(state.ds, cpu.ds_sel, cpu.ds_limit, cpu.ds_base, cpu.ds_arbytes);
    put(state.es, cpu.es_sel, cpu.es_limit, cpu.es_base, cpu.es_arbytes);
    put(state.ss, cpu.ss_sel, cpu.ss_limit, cpu.ss_base, cpu.ss_arbytes);
    put(state.fs, cpu.fs_sel, cpu.fs_limit, cpu.fs_base, cpu.fs_arbytes);
    put(state.gs, cpu.gs_sel, cpu.gs_limit, cpu.gs_base, cpu.gs_arbytes);
    put(state.ldtr, cpu.ldtr_sel, cpu.ldtr_limit, cpu.ldtr_base, cpu.ldtr_arbytes);
    put(state.tr, cpu.tr_sel, cpu.tr_limit, cpu.tr_base, cpu.tr_arbytes);
}

hvm_hw_cpu cpu_record(const VcpuState& state) {
    hvm_hw_cpu cpu{};
    std::memcpy(cpu.fpu_regs, &kFcwReset, sizeof(kFcwReset));
    std::memcpy(cpu.fpu_regs + 24, &kMxcsrReset, sizeof(kMxcsrReset));
    cpu.rip = state.rip;
    cpu.rbx = state.rbx;
    cpu.rflags = state.rflags;
    cpu.cr0 = state.cr0;
    cpu.cr3 = state.cr3;
    cpu.cr4 = state.cr4;
    cpu.msr_efer = state.efer;
    cpu.dr6 = state.dr6;
    cpu.dr7 = state.dr7;
    set_segments(cpu, state);
    return cpu; // flags 0: Xen gives the FPU its reset state
}

} // namespace

std::vector<std::uint8_t> compose_hvm_context(const VcpuState& state, unsigned vcpu_count) {
    Stream stream;
    stream.add(HVM_SAVE_CODE(HEADER), 0, header());
    for (unsigned vcpu = 0; vcpu < vcpu_count; ++vcpu)
        stream.add(HVM_SAVE_CODE(MTRR), static_cast<std::uint16_t>(vcpu), default_mtrr());
    stream.add(HVM_SAVE_CODE(CPU), 0, cpu_record(state));
    stream.end();
    return stream.take();
}

std::size_t cpu_record_size() {
    return sizeof(hvm_hw_cpu);
}

VcpuState read_cpu_record(std::span<const std::uint8_t> record) {
    if (record.size() < sizeof(hvm_hw_cpu))
        throw Error{Errc::xen_error, fmt::format("a CPU record of {} bytes", record.size())};
    hvm_hw_cpu cpu{};
    std::memcpy(&cpu, record.data(), sizeof(cpu));
    return {.rip = cpu.rip,
            .rbx = cpu.rbx,
            .rflags = cpu.rflags,
            .cr0 = cpu.cr0,
            .cr3 = cpu.cr3,
            .cr4 = cpu.cr4,
            .efer = cpu.msr_efer,
            .dr6 = cpu.dr6,
            .dr7 = cpu.dr7,
            .cs = {cpu.cs_sel, cpu.cs_base, cpu.cs_limit, cpu.cs_arbytes},
            .ds = {cpu.ds_sel, cpu.ds_base, cpu.ds_limit, cpu.ds_arbytes},
            .es = {cpu.es_sel, cpu.es_base, cpu.es_limit, cpu.es_arbytes},
            .ss = {cpu.ss_sel, cpu.ss_base, cpu.ss_limit, cpu.ss_arbytes},
            .fs = {cpu.fs_sel, cpu.fs_base, cpu.fs_limit, cpu.fs_arbytes},
            .gs = {cpu.gs_sel, cpu.gs_base, cpu.gs_limit, cpu.gs_arbytes},
            .ldtr = {cpu.ldtr_sel, cpu.ldtr_base, cpu.ldtr_limit, cpu.ldtr_arbytes},
            .tr = {cpu.tr_sel, cpu.tr_base, cpu.tr_limit, cpu.tr_arbytes}};
}

} // namespace pvh::xen
