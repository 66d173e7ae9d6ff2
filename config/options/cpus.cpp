// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/cpu_list.h"
#include "config/cpuid.h"
#include "config/options/chapters.h"
#include "config/spec_reader.h"

#include <array>

namespace pvh::config {

namespace {

using enum Shape;

constexpr std::array kOptions{
    Option{.key = "vcpus",
           .chapter = Chapter::cpus,
           .shape = number,
           .default_text = "1",
           .summary = "vCPUs that are online when the guest boots: 1 to 128."},
    Option{.key = "maxvcpus",
           .chapter = Chapter::cpus,
           .shape = number,
           .default_text = "vcpus",
           .summary = "vCPUs there are: 1 to 128. Set without vcpus, one of them is online."},
    Option{
        .key = "ap_startup",
        .chapter = Chapter::cpus,
        .shape = word,
        .read = [](SpecReader& r) { r.into(r.spec().ap_startup); },
        .words = kWords<ApStartup>,
        .default_text = "guest",
        .summary =
            "Who starts the vCPUs beside the first: the guest's kernel, as with xl, by INIT and "
            "SIPI or "
            "by hypercall; or code that pvhd puts into the guest, by VCPUOP hypercalls, when the "
            "kernel asks for it through ACPI's multiprocessor wakeup mailbox (Linux from 5.19 "
            "on). A kernel that does not know the mailbox starts them as ever. Costs a vCPU "
            "more, which lists show and the guest does not. For at most 31 vCPUs, with acpi. "
            "Not an option of xl, which passes over it."},
    Option{.key = "cpus",
           .chapter = Chapter::cpus,
           .shape = text_or_strings,
           .read = read_hard_affinity,
           .default_text = "all",
           .summary = "CPUs that the vCPUs may run on: \"0-3,^1\", \"nodes:0\" or \"all\" for "
                      "each of them, or a list with an item for each vCPU."},
    Option{.key = "cpus_soft",
           .chapter = Chapter::cpus,
           .shape = text_or_strings,
           .read = read_soft_affinity,
           .default_text = "all",
           .summary = "CPUs that the vCPUs would rather run on; written as cpus."},
    Option{.key = "pool",
           .chapter = Chapter::cpus,
           .shape = string,
           .read = [](SpecReader& r) { r.into(r.spec().pool); },
           .default_text = "Pool-0",
           .summary = "Name or number of the CPU pool that the domain is in."},
    Option{.key = "cpu_weight",
           .chapter = Chapter::cpus,
           .shape = number,
           .read = [](SpecReader& r) { r.into(r.spec().scheduling.weight); },
           .default_text = "256",
           .summary = "Share of CPU time against other domains (credit and credit2)."},
    Option{.key = "cap",
           .chapter = Chapter::cpus,
           .shape = number,
           .read = [](SpecReader& r) { r.into(r.spec().scheduling.cap); },
           .default_text = "0",
           .unit = "%",
           .summary = "Most CPU time it gets, in percent of one CPU; 0 is no limit (credit and "
                      "credit2)."},
    Option{.key = "period",
           .chapter = Chapter::cpus,
           .shape = number,
           .status = Status::not_yet,
           .unit = "us",
           .summary = "Of the RTDS scheduler."},
    Option{.key = "slice",
           .chapter = Chapter::cpus,
           .shape = number,
           .status = Status::not_yet,
           .summary = "Of a scheduler that Xen has no more."},
    Option{.key = "latency",
           .chapter = Chapter::cpus,
           .shape = number,
           .status = Status::not_yet,
           .summary = "Of a scheduler that Xen has no more."},
    Option{.key = "extratime",
           .chapter = Chapter::cpus,
           .shape = number,
           .status = Status::not_yet,
           .summary = "Of the RTDS scheduler."},
    Option{.key = "cpuid",
           .chapter = Chapter::cpus,
           .shape = text_or_strings,
           .read = read_cpuid,
           .summary = "What the guest sees of the CPU's features: \"host,aes=0\", or a list of "
                      "\"leaf,subleaf:eax=<32 characters>\"."},
    Option{.key = "nestedhvm",
           .chapter = Chapter::cpus,
           .shape = boolean,
           .read = [](SpecReader& r) { r.into(r.spec().has_nested_hvm); },
           .default_text = "0",
           .summary = "Lets the guest run guests of its own with VT-x or AMD-V."},
    Option{.key = "vpmu",
           .chapter = Chapter::cpus,
           .shape = boolean,
           .read = [](SpecReader& r) { r.into(r.spec().has_vpmu); },
           .default_text = "0",
           .summary = "Gives the guest performance counters; Xen must be booted with vpmu."},
    Option{.key = "tsc_mode",
           .chapter = Chapter::cpus,
           .shape = word,
           .read = [](SpecReader& r) { r.into(r.spec().tsc_mode); },
           .words = kWords<TscMode>,
           .takes_index = true,
           .default_text = "default",
           .summary = "How the guest sees the time-stamp counter; see xen-tscmode(7)."},
    Option{.key = "timer_mode",
           .chapter = Chapter::cpus,
           .shape = word,
           .read = [](SpecReader& r) { r.into(r.spec().timer_mode); },
           .words = kWords<TimerMode>,
           .takes_index = true,
           .default_text = "no_delay_for_missed_ticks",
           .summary = "What becomes of timer ticks of a vCPU that does not run."},
    Option{.key = "hap",
           .chapter = Chapter::cpus,
           .shape = boolean,
           .status = Status::not_yet,
           .default_text = "1",
           .summary = "Hardware assisted paging; 0 would want shadow paging."},
    Option{.key = "oos",
           .chapter = Chapter::cpus,
           .shape = boolean,
           .status = Status::not_yet,
           .summary = "Of shadow paging."},
    Option{.key = "shadow_memory",
           .chapter = Chapter::cpus,
           .shape = number,
           .status = Status::not_yet,
           .unit = "MiB",
           .summary = "Memory for Xen's page tables of the domain; it is computed."},
    Option{.key = "msr_relaxed",
           .chapter = Chapter::cpus,
           .shape = boolean,
           .status = Status::not_yet,
           .default_text = "0",
           .summary = "Reads of unknown MSRs do not fault."},
    Option{.key = "altp2m",
           .chapter = Chapter::cpus,
           .shape = string,
           .status = Status::not_yet,
           .default_text = "0",
           .summary = "Alternative views of the guest's memory, for introspection."},
    Option{.key = "altp2m_count",
           .chapter = Chapter::cpus,
           .shape = number,
           .status = Status::not_yet,
           .since = "4.21",
           .summary = "How many alternative views there are."},
    Option{.key = "vmtrace_buf_kb",
           .chapter = Chapter::cpus,
           .shape = number,
           .status = Status::not_yet,
           .default_text = "0",
           .unit = "KiB",
           .summary = "Buffer of each vCPU for processor trace."},
};

} // namespace

std::span<const Option> cpu_options() {
    return kOptions;
}

} // namespace pvh::config
