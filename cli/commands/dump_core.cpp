// SPDX-License-Identifier: LGPL-2.1-or-later
// dump-core   [tools/xl/xl_misc.c main_dump_core]
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <filesystem>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct Options {
    std::string domain;
    std::string file;
    bool is_live = false;
    bool job = false;
};

void run(const Options& options, Context& context) {
    const rpc::DumpCoreParams params{.domain = parse_selector(options.domain),
                                     .path = std::filesystem::absolute(options.file).string(),
                                     .live = options.is_live};
    if (!options.job) return call_and_report(context, "domain.dump_core", params);
    begin_job(context, "domain.dump_core", params);
}

} // namespace

void setup_dump_core(::CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    ::CLI::App* sub = app.add_subcommand("dump-core", "Write a domain's memory into a file");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("FILE", options->file, "A new file")->required();
    sub->add_flag("-L,--live", options->is_live, "Let the guest run on meanwhile, as xl does");
    sub->add_flag("--job", options->job, "Return at once and print the job that writes it");
    sub->footer("The daemon writes it, in the format of xl dump-core: an ELF file that crash(8) "
                "reads.");
    add_examples(*sub, kDebugging, {"pvhctl dump-core web /var/lib/xen/dump/web.core"});
    sub->callback([options, &context] { run(*options, context); });
}

} // namespace pvh::cli
