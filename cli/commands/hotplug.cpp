// SPDX-License-Identifier: LGPL-2.1-or-later
// Devices that come and go while their domain runs; arguments as xl takes them.
// [tools/xl/xl_block.c, xl_nic.c, xl_cdrom.c]
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/domains.h"
#include "cli/selector.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

/// Silent, but for --json and what the text deserved.
void report(Context& context, std::string_view method, const nlohmann::json& params) {
    const nlohmann::json answer = context.daemon.call(method, params);
    if (context.json) return print_json(context, answer);
    for (const std::string& warning : read_as<rpc::DeviceResult>(method, answer).warnings)
        print_note(context, warning);
}

struct AttachOptions {
    std::string domain;
    std::vector<std::string> words;
};

/// xl takes each argument as one more piece of the description. What follows target= is all of it,
/// commas and all, so that piece comes last.
std::string in_one(std::vector<std::string> words) {
    std::stable_partition(words.begin(), words.end(),
                          [](const std::string& word) { return !word.starts_with("target="); });
    return fmt::format("{}", fmt::join(words, ","));
}

void attach(const AttachOptions& options, std::optional<std::string> rpc::AttachParams::*kind,
            Context& context) {
    rpc::AttachParams params{.domain = parse_selector(options.domain),
                             .disk = {},
                             .vif = {},
                             .directory = current_directory()};
    params.*kind = in_one(options.words);
    report(context, "device.attach", params);
}

struct DetachOptions {
    std::string domain;
    std::string device;
    bool force = false;
    bool insist = false;
};

/// To insist is what xl's network-detach does.
/// [tools/libs/light/libxl_device.c device_backend_callback: LIBXL__FORCE_AUTO]
void detach(const DetachOptions& options, std::optional<std::string> rpc::DetachParams::*kind,
            Context& context) {
    rpc::DetachParams params{
        .domain = parse_selector(options.domain), .disk = {}, .vif = {}, .force = options.force};
    params.*kind = options.device;
    try {
        return report(context, "device.detach", params);
    } catch (const Error& e) {
        if (!options.insist || e.code() != Errc::timeout) throw;
        print_note(context, fmt::format("{}: it is taken away all the same", e.what()));
    }
    params.force = true;
    report(context, "device.detach", params);
}

void setup_detach(::CLI::App& app, Context& context, const std::string& name,
                  const std::string& what, std::optional<std::string> rpc::DetachParams::*kind,
                  const std::string& operand, const std::string& meaning,
                  std::string_view example) {
    auto options = std::make_shared<DetachOptions>();
    ::CLI::App* sub = app.add_subcommand(name, what);
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option(operand, options->device, meaning)->required();
    ::CLI::Option* force =
        sub->add_flag("-f,--force", options->force, "Take it away without asking the guest");
    sub->add_flag("--insist", options->insist, "Ask the guest, and force it if it does not answer")
        ->excludes(force);
    add_examples(*sub, kDevices, {example});
    sub->callback([options, kind, &context] { detach(*options, kind, context); });
}

struct DriveOptions {
    std::string domain, vdev, file;
};

/// Media are changed by a device model, which no PVH domain has, or by the backend: Linux's refuses
/// another block device.   [drivers/block/xen-blkback/xenbus.c backend_changed]
[[noreturn]] void refuse_media(const DriveOptions& options) {
    throw Error{Errc::unsupported, fmt::format("the medium of {} cannot be changed: dom0's "
                                               "xen-blkback keeps the one it was given",
                                               options.vdev)}
        .with_hint(options.file.empty()
                       ? fmt::format("take the drive away: pvhctl block-detach {} {}",
                                     options.domain, options.vdev)
                       : fmt::format("give the guest a read-only disk in its place: pvhctl "
                                     "block-detach {0} {1} && pvhctl block-attach {0} "
                                     "{2},raw,{1},ro (Linux takes no cdrom as a PVH guest)",
                                     options.domain, options.vdev, options.file));
}

} // namespace

void setup_block_attach(::CLI::App& app, Context& context) {
    auto options = std::make_shared<AttachOptions>();
    ::CLI::App* sub = app.add_subcommand("block-attach", "Attach a disk to a domain that runs");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("DISK", options->words, "A disk as in disk= of a config; pieces of it count")
        ->required();
    add_examples(*sub, kDevices, {"pvhctl block-attach web /srv/data.img,raw,xvdb,rw"});
    sub->callback([options, &context] { attach(*options, &rpc::AttachParams::disk, context); });
}

void setup_block_detach(::CLI::App& app, Context& context) {
    setup_detach(app, context, "block-detach", "Take a disk away from a domain",
                 &rpc::DetachParams::disk, "VDEV", "Its name, e.g. xvdb, or number",
                 "pvhctl block-detach web xvdb");
}

void setup_network_attach(::CLI::App& app, Context& context) {
    auto options = std::make_shared<AttachOptions>();
    ::CLI::App* sub =
        app.add_subcommand("network-attach", "Attach an interface to a domain that runs");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("KEY=VALUE", options->words, "An interface as in vif= of a config");
    add_examples(*sub, kDevices, {"pvhctl network-attach web bridge=xenbr0"});
    sub->callback([options, &context] { attach(*options, &rpc::AttachParams::vif, context); });
}

void setup_network_detach(::CLI::App& app, Context& context) {
    setup_detach(app, context, "network-detach", "Take an interface away from a domain",
                 &rpc::DetachParams::vif, "DEVID|MAC", "Its number, or MAC",
                 "pvhctl network-detach web 1");
}

void setup_cd_insert(::CLI::App& app, Context& /*context*/) {
    auto options = std::make_shared<DriveOptions>();
    ::CLI::App* sub = app.add_subcommand("cd-insert", "Say how a domain gets another medium");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("VDEV", options->vdev, "The drive")->required();
    sub->add_option("FILE", options->file, "The medium")->required();
    add_examples(*sub, kDevices, {"pvhctl cd-insert web xvdc /srv/tools.iso"});
    sub->callback([options] { refuse_media(*options); });
}

void setup_cd_eject(::CLI::App& app, Context& /*context*/) {
    auto options = std::make_shared<DriveOptions>();
    ::CLI::App* sub = app.add_subcommand("cd-eject", "Say how a domain loses its medium");
    sub->add_option("DOM", options->domain, std::string{kDomainHelp})->required();
    sub->add_option("VDEV", options->vdev, "The drive")->required();
    add_examples(*sub, kDevices, {"pvhctl cd-eject web xvdc"});
    sub->callback([options] { refuse_media(*options); });
}

} // namespace pvh::cli
