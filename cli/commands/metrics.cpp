// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/escape.h"
#include "rpc/messages_json.h"

#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

void run_metrics(Context& context) {
    const auto answer = context.daemon.call("metrics.get", nlohmann::json::object());
    if (context.json) return print_json(context, answer);
    const auto result = read_as<rpc::MetricsResult>("metrics.get", answer);
    context.out << (context.out_is_terminal ? escape_controls(result.text) : result.text);
}

} // namespace

void setup_metrics(::CLI::App& app, Context& context) {
    ::CLI::App* sub =
        app.add_subcommand("metrics", "Print figures of domains, host and pvhd for Prometheus");
    add_examples(
        *sub, kHost,
        {"# for node_exporter's textfile collector, by a timer",
         "pvhctl metrics >pvhd.prom.new && mv pvhd.prom.new /var/lib/node_exporter/pvhd.prom"});
    sub->callback([&context] { run_metrics(context); });
}

} // namespace pvh::cli
