// SPDX-License-Identifier: LGPL-2.1-or-later
// dmesg and debug-keys: the console of the hypervisor itself.   [tools/xl/xl_info.c, xl_misc.c]
#include "cli/commands.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

void print_text(Context& context, std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = std::min(text.find('\n'), text.size());
        print_line(context, text.substr(0, size));
        text.remove_prefix(std::min(size + 1, text.size()));
    }
}

void run_dmesg(bool clear, Context& context) {
    const auto answer = context.daemon.call("system.dmesg", rpc::DmesgParams{clear});
    if (context.json) return print_json(context, answer);
    print_text(context, read_as<rpc::DmesgResult>("system.dmesg", answer).text);
}

} // namespace

void setup_dmesg(::CLI::App& app, Context& context) {
    auto clear = std::make_shared<bool>(false);
    ::CLI::App* sub = app.add_subcommand("dmesg", "Print what Xen has printed");
    sub->add_flag("-c,--clear", *clear, "And have it forget that");
    add_examples(*sub, kHost, {"pvhctl dmesg"});
    sub->callback([clear, &context] { run_dmesg(*clear, context); });
}

void setup_debug_keys(::CLI::App& app, Context& context) {
    auto keys = std::make_shared<std::string>();
    ::CLI::App* sub = app.add_subcommand("debug-keys", "Press keys on Xen's own console");
    sub->add_option("KEYS", *keys, "h has Xen list them; dmesg shows what they print")->required();
    add_examples(*sub, kHost, {"pvhctl debug-keys h && pvhctl dmesg"});
    sub->callback([keys, &context] {
        const auto answer = context.daemon.call("system.debug_keys", rpc::DebugKeysParams{*keys});
        if (context.json) print_json(context, answer);
    });
}

} // namespace pvh::cli
