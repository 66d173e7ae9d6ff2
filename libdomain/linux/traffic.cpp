// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/traffic.h"

#include "libdomain/linux/sysfs.h"

#include <charconv>
#include <optional>
#include <string_view>

namespace pvh::host {

namespace {

template <class N> std::optional<N> parse_number(std::string_view text) {
    N number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

struct BackendName {
    std::string_view kind;
    DomId frontend;
    unsigned id{};
};

/// "vif-7-0"   [drivers/xen/xenbus/xenbus_probe_backend.c backend_bus_id]
std::optional<BackendName> parse_backend_name(std::string_view name) {
    const std::size_t first = name.find('-');
    const std::size_t second = name.find('-', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto domain = parse_number<std::uint16_t>(name.substr(first + 1, second - first - 1));
    const auto id = parse_number<unsigned>(name.substr(second + 1));
    if (!domain || !id) return std::nullopt;
    return BackendName{name.substr(0, first), DomId{*domain}, *id};
}

/// 0 if the kernel does not count this.
std::uint64_t counter(const std::string& folder, const char* name) {
    return parse_number<std::uint64_t>(read_attribute(folder + name)).value_or(0);
}

device::DiskTraffic disk_traffic(const BackendName& name, const std::string& device) {
    const std::string folder = device + "/statistics/";
    return {.frontend = name.frontend,
            .id = name.id,
            .read_requests = counter(folder, "rd_req"),
            .write_requests = counter(folder, "wr_req"),
            .flush_requests = counter(folder, "f_req"),
            .discard_requests = counter(folder, "ds_req"),
            .read_sectors = counter(folder, "rd_sect"),
            .written_sectors = counter(folder, "wr_sect"),
            .starved = counter(folder, "oo_req")};
}

device::NicTraffic nic_traffic(const BackendName& name, const std::string& interface) {
    const std::string folder = interface + "/statistics/";
    return {.frontend = name.frontend,
            .id = name.id,
            .received_bytes = counter(folder, "tx_bytes"),
            .received_packets = counter(folder, "tx_packets"),
            .sent_bytes = counter(folder, "rx_bytes"),
            .sent_packets = counter(folder, "rx_packets")};
}

} // namespace

device::Traffic read_traffic(const std::string& root) {
    const std::string folder = root + "/sys/bus/xen-backend/devices/";
    device::Traffic traffic;
    for (const std::string& entry : list_folder(folder)) {
        const auto name = parse_backend_name(entry);
        if (!name) continue;
        const std::string device = folder + entry;
        if (name->kind == "vbd" && exists(device + "/statistics"))
            traffic.disks.push_back(disk_traffic(*name, device));
        if (name->kind != "vif") continue;
        for (const std::string& interface : list_folder(device + "/net")) // one
            traffic.nics.push_back(nic_traffic(*name, device + "/net/" + interface));
    }
    return traffic;
}

} // namespace pvh::host
