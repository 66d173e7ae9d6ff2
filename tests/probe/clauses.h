// SPDX-License-Identifier: LGPL-2.1-or-later
// What a PVH guest is promised, clause by clause, and where it is written. The probe reports its
// outcomes by these ids and by no others; host programs may include this to explain them.
#pragma once

#include <cstddef>

namespace pvh::probe {

struct Clause {
    const char* id; // GROUP.WORD; groups are what probe.run= chooses
    const char* source;
    const char* promise;
};

namespace source {

inline constexpr const char* kBootAbi = "xen docs/misc/pvh.pandoc, x86/HVM direct boot ABI";
inline constexpr const char* kApStartup = "xen docs/misc/pvh.pandoc, AP startup";
inline constexpr const char* kInterrupts = "xen docs/misc/pvh.pandoc, Interrupts";
inline constexpr const char* kMtrr = "xen docs/misc/pvh.pandoc, MTRR";
inline constexpr const char* kStartInfo = "xen/include/public/arch-x86/hvm/start_info.h";
inline constexpr const char* kMemory = "xen/include/public/memory.h";
inline constexpr const char* kCpuid = "xen/include/public/arch-x86/cpuid.h";
inline constexpr const char* kParams = "xen/include/public/hvm/params.h";
inline constexpr const char* kHvmOp = "xen/include/public/hvm/hvm_op.h";
inline constexpr const char* kHvmVcpu = "xen/include/public/hvm/hvm_vcpu.h";
inline constexpr const char* kVcpu = "xen/include/public/vcpu.h";
inline constexpr const char* kXen = "xen/include/public/xen.h";
inline constexpr const char* kEvents = "xen/include/public/event_channel.h";
inline constexpr const char* kGrants = "xen/include/public/grant_table.h";
inline constexpr const char* kConsoleIo = "xen/include/public/io/console.h";
inline constexpr const char* kXsWire = "xen/include/public/io/xs_wire.h";
inline constexpr const char* kStore = "xen docs/misc/xenstore.txt";
inline constexpr const char* kStorePaths = "xen docs/misc/xenstore-paths.pandoc";
inline constexpr const char* kElf = "System V ABI, ELF, program loading";
inline constexpr const char* kAcpi = "ACPI 6.5, chapter 5";
inline constexpr const char* kApic = "Intel SDM volume 3A, chapter 11";
inline constexpr const char* kDevices = "xen/arch/x86/include/asm/domain.h, X86_EMU_*";

} // namespace source

inline constexpr Clause kClauses[] = {
    {"cpu.ebx", source::kBootAbi, "ebx holds the address of start_info, below 4 GiB."},
    {"cpu.cr0", source::kBootAbi, "cr0 has PE set and every other writable bit clear."},
    {"cpu.cr4", source::kBootAbi, "cr4 is 0."},
    {"cpu.eflags", source::kBootAbi, "VM, IF and TF are clear in eflags."},
    {"cpu.efer", source::kBootAbi, "Neither long mode nor any other extension of efer is on."},
    {"cpu.cpl", source::kBootAbi, "The entry point runs at privilege level 0."},
    {"cpu.cs", source::kBootAbi, "cs is readable 32-bit code from 0 to 4 GiB."},
    {"cpu.ds", source::kBootAbi, "ds is writable data from 0 to 4 GiB."},
    {"cpu.es", source::kBootAbi, "es is writable data from 0 to 4 GiB."},
    {"cpu.ss", source::kBootAbi, "ss is writable 32-bit data from 0 to 4 GiB."},
    {"cpu.tr", source::kBootAbi, "tr is a busy 32-bit TSS at 0 with limit 0x67."},
    {"cpu.mtrr", source::kMtrr, "MTRRs are on and memory is write-back by default."},

    {"image.zeroed", source::kElf, "Memory of a segment beyond what the file holds is zero."},
    {"image.loaded", source::kElf, "What the file holds is in memory, to the last byte."},

    {"start_info.magic", source::kStartInfo, "The magic is 0x336ec578."},
    {"start_info.version", source::kStartInfo, "The version is 1: there is a memory map."},
    {"start_info.flags", source::kStartInfo, "No flag is set for an ordinary guest."},
    {"start_info.reserved", source::kStartInfo, "All reserved fields are 0."},
    {"start_info.in_ram", source::kStartInfo, "start_info and all it points to are in RAM."},
    {"start_info.cmdline", source::kStartInfo,
     "The command line is ASCII, as told, and ends with a zero."},
    {"start_info.modules", source::kStartInfo,
     "There are as many modules as were asked for: 0 or 1."},
    {"start_info.module_page", source::kStartInfo, "A module begins on a page boundary."},
    {"start_info.module_content", source::kStartInfo, "A module holds the file's bytes."},
    {"start_info.module_cmdline", source::kStartInfo, "A module's command line is a string or 0."},
    {"start_info.apart", source::kStartInfo, "Nothing that was loaded overlaps anything else."},
    {"start_info.memmap", source::kStartInfo, "There is a memory map with at least one entry."},
    {"start_info.memmap_sorted", source::kStartInfo, "The map ascends."},
    {"start_info.memmap_disjoint", source::kStartInfo, "Ranges are not empty and do not overlap."},
    {"start_info.memmap_same", source::kMemory, "XENMEM_memory_map tells the same map."},

    {"memory.first_page", source::kStartInfo, "A RAM range's first page is memory."},
    {"memory.last_page", source::kStartInfo, "A RAM range's last page is memory."},
    {"memory.inside", source::kStartInfo, "Between them is memory, looked for in each 2 MiB."},
    {"memory.total", source::kStartInfo, "RAM adds up to what the configuration says."},
    {"memory.special", source::kParams, "Rings are in a reserved range of the map."},
    {"memory.acpi", source::kAcpi, "The RSDP is in a range typed ACPI data or NVS."},

    {"acpi.rsdp", source::kAcpi, "rsdp_paddr points to an RSDP of revision 2 with right sums."},
    {"acpi.xsdt", source::kAcpi, "The XSDT has its signature and a right sum."},
    {"acpi.rsdt", source::kAcpi, "The RSDT has its signature and a right sum, and is as long."},
    {"acpi.tables", source::kAcpi, "Every table that the XSDT lists sums to 0."},
    {"acpi.ranges", source::kAcpi, "Every table is in a range typed ACPI data or NVS."},
    {"acpi.madt", source::kAcpi, "The MADT has an entry for each vCPU, enabled if online."},
    {"acpi.madt_ids", source::kAcpi, "APIC ids are twice the vCPU's number, as Xen's are."},
    {"acpi.fadt", source::kAcpi, "There is a FADT; 32-bit and 64-bit fields agree."},
    {"acpi.facs", source::kAcpi, "The FACS has its signature and is aligned to 64 bytes."},
    {"acpi.dsdt", source::kAcpi, "The FADT leads to a DSDT with a right sum."},
    {"acpi.srat", source::kAcpi, "A SRAT's memory lies in RAM and names no unknown APIC."},
    {"acpi.slit", source::kAcpi, "A SLIT is square, with 10 on its diagonal."},

    {"cpuid.signature", source::kCpuid, "Leaf 0x40000000 says XenVMMXenVMM."},
    {"cpuid.version", source::kCpuid, "The next leaf's version is that of XENVER_version."},
    {"cpuid.msr", source::kCpuid, "There is a hypercall page, and an MSR to place it."},
    {"cpuid.vcpu_id", source::kCpuid, "The leaf of HVM features numbers vCPU 0 with 0."},
    {"cpuid.apic_id", source::kCpuid, "vCPU 0's initial APIC id is 0."},

    {"hypercall.page", source::kBootAbi, "The MSR fills a page through which calls work."},
    {"hypercall.direct", source::kXen, "The processor's own instruction makes a call as well."},
    {"hypercall.callback_vector", source::kXen, "XENFEAT_hvm_callback_vector is there."},

    {"param.store_pfn", source::kParams, "HVM_PARAM_STORE_PFN names a page."},
    {"param.store_evtchn", source::kParams, "HVM_PARAM_STORE_EVTCHN is a channel to its backend."},
    {"param.console_pfn", source::kParams, "HVM_PARAM_CONSOLE_PFN names a page."},
    {"param.console_evtchn", source::kParams, "HVM_PARAM_CONSOLE_EVTCHN is such a channel too."},
    {"param.console_ring", source::kConsoleIo, "The console ring begins empty, and is consistent."},
    {"param.store_ring", source::kXsWire, "The xenstore ring begins empty."},

    {"xenstore.name", source::kStorePaths, "A guest can read its name."},
    {"xenstore.domid", source::kStorePaths, "A guest can read its number, which is the CPUID's."},
    {"xenstore.memory", source::kStorePaths, "memory/target is all RAM there is."},
    {"xenstore.vcpus", source::kStorePaths, "cpu/N/availability tells which are online."},
    {"xenstore.ports", source::kStorePaths, "Nodes of ports and rings equal the HVM params."},
    {"xenstore.write", source::kStorePaths, "A guest can write below data and read it back."},
    {"xenstore.remove", source::kStorePaths, "It can remove what it wrote."},
    {"xenstore.foreign", source::kStore, "It cannot write to another domain's nodes."},
    {"xenstore.own_name", source::kStorePaths, "It cannot change its own name."},

    {"shared.mapped", source::kMemory, "XENMAPSPACE_shared_info can be mapped."},
    {"shared.wallclock", source::kXen, "The wall clock holds a time of this century."},
    {"shared.time", source::kXen, "vcpu_time_info has an even version and a scale."},
    {"shared.advances", source::kXen, "System time advances, at the TSC's rate by CPUID."},

    {"evtchn.upcall_vector", source::kHvmOp, "HVMOP_set_evtchn_upcall_vector has an event arrive."},
    {"evtchn.callback", source::kInterrupts, "So does HVM_PARAM_CALLBACK_IRQ with a vector."},
    {"evtchn.interdomain", source::kEvents, "A channel to oneself connects and is delivered."},
    {"evtchn.ipi", source::kEvents, "An IPI channel is delivered."},
    {"evtchn.masked", source::kEvents, "A masked channel is delivered when it is unmasked."},
    {"evtchn.singleshot", source::kVcpu, "VIRQ_TIMER comes at the time asked for, once."},
    {"evtchn.periodic", source::kVcpu, "VIRQ_TIMER comes again and again, till stopped."},

    {"grant.size", source::kGrants, "GNTTABOP_query_size tells of at least one frame."},
    {"grant.console", source::kGrants, "Entry 0 grants the console ring to its backend."},
    {"grant.xenstore", source::kGrants, "Entry 1 grants the xenstore ring to its backend."},
    {"grant.copy", source::kGrants, "A page granted to oneself can be copied from."},
    {"grant.map", source::kGrants, "A page granted to oneself can be mapped."},

    {"lapic.base", source::kApic, "The APIC base is 0xfee00000, enabled, bootstrap processor."},
    {"lapic.id", source::kApic, "vCPU 0's local APIC has id 0."},
    {"lapic.version", source::kApic, "It is an integrated APIC with a LVT for timer and errors."},
    {"lapic.no_ioapic", source::kDevices, "There is no I/O APIC at 0xfec00000."},
    {"lapic.no_pit", source::kDevices, "There is no PIT."},
    {"lapic.no_pic", source::kDevices, "There is no PIC."},
    {"lapic.no_cmos", source::kDevices, "There is no CMOS clock."},
    {"lapic.no_pci", source::kDevices, "There is no PCI host bridge."},
    {"lapic.no_pm", source::kDevices, "There is no ACPI power management timer."},

    {"ap.down", source::kApStartup, "APs are down until the guest starts them."},
    {"ap.refuses", source::kHvmVcpu, "VCPUOP_initialise refuses states that cannot run."},
    {"ap.up_early", source::kVcpu, "VCPUOP_up refuses a vCPU that has no state yet."},
    {"ap.initialise_twice", source::kVcpu, "VCPUOP_initialise refuses a vCPU that has one."},
    {"ap.mode16", source::kApStartup, "An AP starts in real mode."},
    {"ap.mode32", source::kApStartup, "An AP starts in protected mode without paging."},
    {"ap.mode32_paged", source::kApStartup, "An AP starts with 32-bit paging and 4 MiB pages."},
    {"ap.mode32_pae", source::kApStartup, "An AP starts with PAE paging."},
    {"ap.mode64", source::kApStartup, "An AP starts in 64-bit mode."},
    {"ap.stops", source::kApStartup, "VCPUOP_down stops an AP, and VCPUOP_is_up tells so."},
    {"ap.resumes", source::kApStartup, "VCPUOP_up has it go on where it was."},
    {"ap.init_resets", source::kApic, "INIT takes a running AP down, and its state away."},
    {"ap.sipi", source::kApStartup, "INIT, SIPI, SIPI start an AP in real mode at the vector."},
    {"ap.vcpu_info", source::kVcpu, "vCPUs from 32 on run with a registered vcpu_info."},
    {"ap.event", source::kHvmOp, "An AP gets events at its own upcall vector."},
};

inline constexpr std::size_t kClauseCount = sizeof(kClauses) / sizeof(kClauses[0]);

constexpr bool same_text(const char* a, const char* b) {
    while (*a != '\0' && *a == *b) {
        ++a;
        ++b;
    }
    return *a == *b;
}

/// kClauseCount if there is none.
constexpr std::size_t find_clause(const char* id) {
    std::size_t i = 0;
    while (i < kClauseCount && !same_text(kClauses[i].id, id))
        ++i;
    return i;
}

constexpr bool clauses_are_unique() {
    for (std::size_t i = 0; i < kClauseCount; ++i)
        if (find_clause(kClauses[i].id) != i) return false;
    return true;
}

static_assert(clauses_are_unique());

/// A clause by its id, which the compiler looks up: one that is not in the table does not compile.
class ClauseId {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor): written as a plain literal at every check
    consteval ClauseId(const char* id) : index_{find_clause(id)} {
        if (index_ == kClauseCount) no_such_clause();
    }

    [[nodiscard]] constexpr const Clause& operator*() const { return kClauses[index_]; }

  private:
    static void no_such_clause(); // not constant, so that reaching it ends the compilation

    std::size_t index_;
};

} // namespace pvh::probe
