// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/options/chapters.h"
#include "config/vnuma.h"

#include <array>

namespace pvh::config {

namespace {

using enum Shape;

constexpr std::array kOptions{
    Option{.key = "memory",
           .chapter = Chapter::memory,
           .shape = number,
           .default_text = "maxmem, else 32",
           .unit = "MiB",
           .summary = "Memory the guest starts with."},
    Option{.key = "maxmem",
           .chapter = Chapter::memory,
           .shape = number,
           .default_text = "memory",
           .unit = "MiB",
           .summary = "Memory the guest may grow to. Above memory, pages are given at their first "
                      "touch until the guest's balloon driver has come down to memory."},
    Option{.key = "vnuma",
           .chapter = Chapter::memory,
           .shape = lists,
           .read = read_vnuma,
           .summary = "NUMA nodes of the guest: a list of lists of \"pnode=N\", the node of the "
                      "host that it is on, \"size=MiB\", \"vcpus=LIST\" and "
                      "\"vdistances=D,D,...\" to each node in their order. memory and maxmem are "
                      "what the sizes add up to, maxvcpus how many vCPUs are named. Without "
                      "cpus_soft, vCPUs would rather run on the CPUs of their pnode. cpus that "
                      "keeps them from there is obeyed, and their memory is then remote."},
};

} // namespace

std::span<const Option> memory_options() {
    return kOptions;
}

} // namespace pvh::config
