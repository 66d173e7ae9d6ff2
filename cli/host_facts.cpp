// SPDX-License-Identifier: LGPL-2.1-or-later
// [tools/xl/xl_info.c output_nodeinfo, output_physinfo, output_xeninfo]
#include "cli/host_facts.h"

#include "cli/table.h"

#include <fmt/format.h>

namespace pvh::cli {

namespace {

std::string number(std::uint64_t value) {
    return fmt::format("{}", value);
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

void add_node(const rpc::SystemInfo& info, std::vector<Fact>& facts) {
    facts.push_back({"host", info.host});
    facts.push_back({"release", info.release});
    facts.push_back({"version", info.kernel_version});
    facts.push_back({"machine", info.machine});
}

void add_cpus(const rpc::SystemInfo& info, std::vector<Fact>& facts) {
    facts.push_back({"nr_cpus", number(info.nr_cpus)});
    facts.push_back({"max_cpu_id", number(info.max_cpu_id)});
    facts.push_back({"nr_nodes", number(info.nr_nodes)});
    facts.push_back({"cores_per_socket", number(info.cores_per_socket)});
    facts.push_back({"threads_per_core", number(info.threads_per_core)});
    facts.push_back({"cpu_mhz", fmt::format("{}.{:03}", info.cpu_khz / 1000, info.cpu_khz % 1000)});
    facts.push_back({"hw_caps", info.hw_caps});
    facts.push_back({"virt_caps", joined(info.virt_caps)});
}

void add_memory(const rpc::SystemInfo& info, std::vector<Fact>& facts) {
    facts.push_back({"total_memory", number(info.total_memory_mib)});
    facts.push_back({"free_memory", number(info.free_memory_mib)});
    facts.push_back({"sharing_freed_memory", number(info.sharing_freed_memory_mib)});
    facts.push_back({"sharing_used_memory", number(info.sharing_used_memory_mib)});
    facts.push_back({"outstanding_claims", number(info.outstanding_claims_mib)});
    facts.push_back({"free_cpus", number(info.free_cpus)});
}

void add_xen(const rpc::SystemInfo& info, std::vector<Fact>& facts) {
    facts.push_back({std::string{kFirstFactOfXen}, number(info.xen_major)});
    facts.push_back({"xen_minor", number(info.xen_minor)});
    facts.push_back({"xen_extra", info.xen_extra});
    facts.push_back(
        {"xen_version", fmt::format("{}.{}{}", info.xen_major, info.xen_minor, info.xen_extra)});
    facts.push_back({"xen_caps", info.xen_caps});
    facts.push_back({"xen_scheduler", info.xen_scheduler});
    facts.push_back({"xen_pagesize", number(info.xen_pagesize)});
    facts.push_back({"platform_params", info.platform_params});
    facts.push_back({"xen_changeset", info.xen_changeset});
    facts.push_back({"xen_commandline", info.xen_commandline});
}

void add_build(const rpc::SystemInfo& info, std::vector<Fact>& facts) {
    facts.push_back({"cc_compiler", info.cc_compiler});
    facts.push_back({"cc_compile_by", info.cc_compile_by});
    facts.push_back({"cc_compile_domain", info.cc_compile_domain});
    facts.push_back({"cc_compile_date", info.cc_compile_date});
    facts.push_back({"build_id", info.build_id});
    facts.push_back({"xend_config_format", "4"});
}

} // namespace

std::vector<Fact> host_facts(const rpc::SystemInfo& info) {
    std::vector<Fact> facts;
    add_node(info, facts);
    add_cpus(info, facts);
    add_memory(info, facts);
    add_xen(info, facts);
    add_build(info, facts);
    return facts;
}

std::string fact_line(const Fact& fact) {
    return fmt::format("{}: {}", pad_right(fact.key, 23), fact.value);
}

} // namespace pvh::cli
