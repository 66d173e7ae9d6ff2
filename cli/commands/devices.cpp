// SPDX-License-Identifier: LGPL-2.1-or-later
// block-list, network-list and channel-list, to the byte as xl prints them.
// [tools/xl/xl_block.c, xl_nic.c, xl_console.c]
#include "cli/commands.h"
#include "cli/domains.h"
#include "cli/output_form.h"
#include "cli/table.h"
#include "rpc/messages_json.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

struct DeviceRow {
    const rpc::Identity& domain;
    const rpc::DeviceStatus& device;
};

int or_none(const std::optional<std::uint32_t>& value) {
    return value ? static_cast<int>(*value) : -1; // as xl, whose numbers are ints
}

/// The titles are padded otherwise than the cells: that is how xl has them.
constexpr std::array<Column<DeviceRow>, 7> kDisks{{
    {"Vdev  ", [](const DeviceRow& row) { return fmt::format("{:<5} ", row.device.devid); }},
    {"BE  ", [](const DeviceRow& row) { return fmt::format("{:<3} ", row.device.backend_domid); }},
    {"handle ", [](const DeviceRow& row) { return fmt::format("{:<6} ", row.domain.domid); }},
    {"state ", [](const DeviceRow& row) { return fmt::format("{:<5} ", row.device.state); }},
    {"evt-ch ",
     [](const DeviceRow& row) { return fmt::format("{:<6} ", or_none(row.device.event_channel)); }},
    {"ring-ref ",
     [](const DeviceRow& row) { return fmt::format("{:<8} ", or_none(row.device.ring_ref)); }},
    {"BE-path                       ",
     [](const DeviceRow& row) { return pad_right(row.device.backend_path, 30); }},
}};

constexpr std::array<Column<DeviceRow>, 8> kNics{{
    {"Idx ", [](const DeviceRow& row) { return fmt::format("{:<3} ", row.device.devid); }},
    {"BE ", [](const DeviceRow& row) { return fmt::format("{:<2} ", row.device.backend_domid); }},
    {"Mac Addr.         ", [](const DeviceRow& row) { return row.device.mac; }},
    {"handle ", [](const DeviceRow& row) { return fmt::format("{:6} ", row.device.devid); }},
    {"state ", [](const DeviceRow& row) { return fmt::format("{:5} ", row.device.state); }},
    {"evt-ch ",
     [](const DeviceRow& row) { return fmt::format("{:6} ", or_none(row.device.event_channel)); }},
    {"  tx-/rx-ring-ref ",
     [](const DeviceRow& row) {
         return fmt::format("{:5}/{:<11} ", or_none(row.device.tx_ring_ref),
                            or_none(row.device.rx_ring_ref));
     }},
    {"BE-path                       ",
     [](const DeviceRow& row) { return pad_right(row.device.backend_path, 30); }},
}};

/// The index in xl's list, whose channels count from 0, and their devices from 1.
int index_of(const DeviceRow& row) {
    return static_cast<int>(row.device.devid) - 1;
}

/// Of a pseudo-terminal only.
std::string path_of(const DeviceRow& row) {
    return row.device.connection == "pty" ? pad_right(row.device.path, 30) + " " : "";
}

constexpr std::array<Column<DeviceRow>, 7> kChannels{{
    {"Idx ", [](const DeviceRow& row) { return fmt::format("{:<3} ", index_of(row)); }},
    {"BE ", [](const DeviceRow& row) { return fmt::format("{:<2} ", row.device.backend_domid); }},
    {"state ", [](const DeviceRow& row) { return fmt::format("{:<5} ", row.device.state); }},
    {"evt-ch ",
     [](const DeviceRow& row) { return fmt::format("{:<6} ", or_none(row.device.event_channel)); }},
    {"ring-ref ",
     [](const DeviceRow& row) { return fmt::format("{:<8} ", or_none(row.device.ring_ref)); }},
    {"connection ",
     [](const DeviceRow& row) { return fmt::format("{:<10} ", row.device.connection); }},
    {"                              ", [](const DeviceRow& row) { return path_of(row); }},
}};

constexpr std::array<Column<DeviceRow>, 3> kMoreOfDisks{{
    {" Name  ", [](const DeviceRow& row) { return " " + pad_right(row.device.vdev, 6); }},
    {"Mode ",
     [](const DeviceRow& row) { return std::string{row.device.writable ? "w    " : "r    "}; }},
    {"Target", [](const DeviceRow& row) { return row.device.target; }},
}};

constexpr std::array<Column<DeviceRow>, 1> kMoreOfNics{{
    {" Bridge", [](const DeviceRow& row) { return " " + row.device.bridge; }},
}};

constexpr std::array<Column<DeviceRow>, 1> kMoreOfChannels{{
    {" Name", [](const DeviceRow& row) { return " " + row.device.name; }},
}};

struct Kind {
    std::vector<std::string_view> words; // of its backends
    std::span<const Column<DeviceRow>> columns;
    std::span<const Column<DeviceRow>> more_columns; // of the wide form
    std::string (*name)(const DeviceRow& row);

    [[nodiscard]] bool has(std::string_view word) const {
        return std::find(words.begin(), words.end(), word) != words.end();
    }
};

std::string titles_of(const Kind& kind, OutputForm form) {
    const std::string titles = header_line<DeviceRow>(kind.columns);
    return form == OutputForm::wide ? titles + header_line<DeviceRow>(kind.more_columns) : titles;
}

std::string line_of(const Kind& kind, OutputForm form, const DeviceRow& row) {
    if (form == OutputForm::name) return kind.name(row);
    const std::string line = row_line<DeviceRow>(kind.columns, row);
    return form == OutputForm::wide ? line + row_line<DeviceRow>(kind.more_columns, row) : line;
}

void print_table(Context& context, const Kind& kind, OutputForm form,
                 const rpc::DevicesResult& result) {
    for (const rpc::DeviceStatus& device : result.devices)
        if (kind.has(device.kind))
            print_line(context, line_of(kind, form, {result.domain, device}));
}

/// Only the devices of one kind.
nlohmann::json filtered(nlohmann::json answer, const Kind& kind) {
    nlohmann::json devices = nlohmann::json::array();
    for (auto& device : answer.at("devices"))
        if (kind.has(device.at("kind").get_ref<const std::string&>()))
            devices.push_back(std::move(device));
    answer["devices"] = std::move(devices);
    return answer;
}

struct DeviceListOptions {
    std::vector<std::string> domains;
    OutputForm form = OutputForm::table;
};

void run(const DeviceListOptions& options, const Kind& kind, Context& context) {
    nlohmann::json found = nlohmann::json::array();
    bool has_header = context.json || options.form == OutputForm::name;
    for_each_domain(options.domains, context, [&](const rpc::Selector& selector) {
        nlohmann::json answer = context.daemon.call("device.list", selector);
        if (context.json) return found.push_back(filtered(std::move(answer), kind));
        if (!std::exchange(has_header, true)) print_header(context, titles_of(kind, options.form));
        print_table(context, kind, options.form,
                    read_as<rpc::DevicesResult>("device.list", answer));
    });
    if (context.json) print_json(context, {{"domains", std::move(found)}});
}

void setup(::CLI::App& app, Context& context, const std::string& name, const std::string& what,
           Kind kind) {
    auto options = std::make_shared<DeviceListOptions>();
    ::CLI::App* sub = app.add_subcommand(name, what);
    sub->add_option("DOM", options->domains, std::string{kDomainHelp})->required();
    add_output_option(*sub, options->form, context);
    add_examples(*sub, kDevices,
                 {fmt::format("pvhctl {} web", name), fmt::format("pvhctl {} -o wide web", name)});
    sub->callback([options, kind, &context] { run(*options, kind, context); });
}

} // namespace

void setup_block_list(::CLI::App& app, Context& context) {
    setup(app, context, "block-list", "List a domain's disks, as xl block-list does",
          {{"vbd", "qdisk"}, kDisks, kMoreOfDisks, [](const DeviceRow& row) {
               return row.device.vdev;
           }});
}

void setup_network_list(::CLI::App& app, Context& context) {
    setup(app, context, "network-list", "List a domain's interfaces, as xl network-list does",
          {{"vif"}, kNics, kMoreOfNics, [](const DeviceRow& row) { return row.device.mac; }});
}

void setup_channel_list(::CLI::App& app, Context& context) {
    setup(app, context, "channel-list", "List a domain's channels, as xl channel-list does",
          {{"console"}, kChannels, kMoreOfChannels, [](const DeviceRow& row) {
               return row.device.name;
           }});
}

} // namespace pvh::cli
