// SPDX-License-Identifier: LGPL-2.1-or-later
// [tools/xl/xl_info.c print_info]
#include "cli/commands.h"
#include "cli/cpu_pools.h"
#include "cli/host_facts.h"
#include "rpc/messages_json.h"

#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct InfoOptions {
    std::string key;
    bool has_numa = false;
};

/// With a key, the values alone of every fact whose name begins so, as in xl.
void print_facts(const std::vector<Fact>& facts, const std::string& key, Context& context) {
    for (const Fact& fact : facts) {
        if (key.empty())
            print_line(context, fact_line(fact));
        else if (fact.key.starts_with(key))
            print_line(context, fact.value);
    }
}

void print_cpus(const rpc::TopologyResult& host, Context& context) {
    print_line(context, "cpu_topology           :");
    print_line(context, "cpu:    core    socket     node");
    for (const rpc::CpuTopology& cpu : host.cpus)
        if (cpu.core)
            print_line(context, fmt::format("{:3}:    {:4}     {:4}     {:4}", cpu.cpu, *cpu.core,
                                            cpu.socket.value_or(0), cpu.node));
}

void print_devices(const rpc::TopologyResult& host, Context& context) {
    print_line(context, "device topology        :");
    print_line(context, "device           node");
    for (const rpc::DeviceTopology& device : host.devices)
        print_line(context, fmt::format("{}      {}", device.device, device.node));
    if (host.devices.empty()) print_line(context, "No device topology data available");
}

void print_nodes(const rpc::TopologyResult& host, Context& context) {
    print_line(context, "numa_info              :");
    print_line(context, "node:    memsize    memfree    distances");
    for (const rpc::NodeTopology& node : host.nodes)
        print_line(context,
                   fmt::format("{:4}:    {:6}     {:6}      {}", node.node, node.memory_kib / 1024,
                               node.free_kib / 1024, fmt::join(node.distances, ",")));
}

/// The tables stand before the facts of Xen, as in xl.
void print_with_numa(const std::vector<Fact>& facts, Context& context) {
    const rpc::TopologyResult host = fetch_topology(context);
    for (const Fact& fact : facts) {
        if (fact.key == kFirstFactOfXen) {
            print_cpus(host, context);
            print_devices(host, context);
            print_nodes(host, context);
        }
        print_line(context, fact_line(fact));
    }
}

void run_info(const InfoOptions& options, Context& context) {
    auto answer = context.daemon.call("system.info", nlohmann::json::object());
    if (context.json && options.has_numa)
        answer["topology"] = context.daemon.call("system.topology", nlohmann::json::object());
    if (context.json) return print_json(context, answer);
    const auto facts = host_facts(read_as<rpc::SystemInfo>("system.info", answer));
    if (options.has_numa) return print_with_numa(facts, context);
    print_facts(facts, options.key, context);
}

} // namespace

void setup_info(::CLI::App& app, Context& context) {
    auto options = std::make_shared<InfoOptions>();
    ::CLI::App* sub = app.add_subcommand("info", "Print facts about the host, as xl info does");
    sub->add_option("KEY", options->key,
                    "Print only the values of facts whose name begins with this");
    sub->add_flag("-n,--numa", options->has_numa, "Also cores, sockets and NUMA nodes");
    add_examples(*sub, kHost, {"pvhctl info", "pvhctl info free_memory", "pvhctl info --numa"});
    sub->callback([options, &context] { run_info(*options, context); });
}

} // namespace pvh::cli
