// SPDX-License-Identifier: LGPL-2.1-or-later
// mem-set and mem-max.   [tools/xl/xl_mem.c]
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/memory_size.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <chrono>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

using Clock = std::chrono::steady_clock;

// Between two looks at a guest that changes its memory.
constexpr std::chrono::milliseconds kLook{250};
// Special pages and what the guest's driver rounds: what xl grants beyond a size.
constexpr std::uint64_t kSlackKib = 1024;

struct MemoryOptions {
    std::string domain, size;
    unsigned wait_s = 0; // how long without progress; 0: not at all
};

rpc::MemoryResult set_memory(const rpc::SetMemoryParams& params, Context& context) {
    const auto answer = context.daemon.call("domain.set_memory", params);
    if (context.json) print_json(context, answer);
    return read_as<rpc::MemoryResult>("domain.set_memory", answer);
}

std::uint64_t memory_of(const rpc::Identity& domain, Context& context) {
    const auto answer = context.daemon.call("domain.get", select_domid(domain));
    const auto status = read_as<rpc::GetResult>("domain.get", answer).status;
    if (status.domain.uuid != domain.uuid)
        throw Error{Errc::not_found, fmt::format("\"{}\" has ended meanwhile", domain.name)};
    return status.memory_kib;
}

bool is_reached(std::uint64_t now, std::uint64_t target) {
    return (now > target ? now - target : target - now) <= kSlackKib;
}

[[noreturn]] void report_stuck(const rpc::MemoryResult& asked, std::uint64_t now,
                               std::chrono::seconds patience) {
    const bool has_begun = now != asked.memory_kib;
    throw Error{Errc::timeout,
                fmt::format("\"{}\" has {} KiB, {} were asked for, and nothing has "
                            "changed in {} s",
                            asked.domain.name, now, asked.target_kib, patience.count())}
        .with_hint(has_begun ? "the guest cannot give more, or the host has no more: pvhctl info"
                             : "it may have no balloon driver, or still be booting");
}

/// Until the guest has what it was asked for; each change of what it has renews the patience.
void await_target(const rpc::MemoryResult& asked, std::chrono::seconds patience, Context& context) {
    std::uint64_t seen = asked.memory_kib;
    auto changed = Clock::now();
    while (!is_reached(seen, asked.target_kib)) {
        std::this_thread::sleep_for(kLook);
        const std::uint64_t now = memory_of(asked.domain, context);
        if (now == seen && Clock::now() - changed > patience) report_stuck(asked, now, patience);
        if (now == seen) continue;
        seen = now;
        changed = Clock::now();
        if (context.err_is_terminal)
            print_note(context,
                       fmt::format("{}: {} KiB of {}", asked.domain.name, seen, asked.target_kib));
    }
}

void run_mem_set(const MemoryOptions& options, Context& context) {
    const rpc::SetMemoryParams params{.domain = parse_selector(options.domain),
                                      .target_kib = parse_memory_size(options.size),
                                      .max_kib = {}};
    const rpc::MemoryResult asked = set_memory(params, context);
    if (options.wait_s > 0) await_target(asked, std::chrono::seconds{options.wait_s}, context);
}

void run_mem_max(const MemoryOptions& options, Context& context) {
    set_memory({.domain = parse_selector(options.domain),
                .target_kib = {},
                .max_kib = parse_memory_size(options.size)},
               context);
}

} // namespace

void setup_mem_set(::CLI::App& app, Context& context) {
    auto options = std::make_shared<MemoryOptions>();
    ::CLI::App* sub = app.add_subcommand("mem-set", "Ask a guest to have so much memory");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("SIZE", options->size, "MiB, or a number with b, k, m, g or t")->required();
    sub->add_option("-w,--wait", options->wait_s,
                    "Wait until it has, unless nothing changes for so many seconds")
        ->type_name("SECONDS")
        ->check(::CLI::Range(1U, 86'400U));
    add_examples(*sub, kResources, {"pvhctl mem-set web 192", "pvhctl mem-set --wait 30 web 1g"});
    sub->callback([options, &context] { run_mem_set(*options, context); });
}

void setup_mem_max(::CLI::App& app, Context& context) {
    auto options = std::make_shared<MemoryOptions>();
    ::CLI::App* sub = app.add_subcommand("mem-max", "Say how far mem-set may go");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("SIZE", options->size, "MiB, or a number with b, k, m, g or t")->required();
    add_examples(*sub, kResources, {"pvhctl mem-max web 2g"});
    sub->callback([options, &context] { run_mem_max(*options, context); });
}

} // namespace pvh::cli
