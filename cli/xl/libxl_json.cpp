// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/xl/libxl_json.h"

#include "libdomain/core/ids.h"
#include "rpc/messages_json.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace pvh::cli {

namespace {

using Json = nlohmann::ordered_json;

/// How libxl writes a defbool.
std::string truth(bool value) {
    return value ? "True" : "False";
}

void put_text(Json& json, const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
}

template <class T> void put(Json& json, const char* key, const std::optional<T>& value) {
    if (value) json[key] = *value;
}

void put_truth(Json& json, const char* key, const std::optional<bool>& value) {
    if (value) json[key] = truth(*value);
}

Json create_info_of(const DomainSpec& spec) {
    Json json;
    json["type"] = "pvh";
    json["name"] = spec.name;
    json["uuid"] = to_string(spec.uuid.value_or(Uuid{}));
    put_text(json, "pool_name", spec.pool);
    json["run_hotplug_scripts"] = "True";
    if (spec.is_driver_domain) json["driver_domain"] = "True";
    return json;
}

/// Which of the first vCPUs are online, by number.
Json online_vcpus(const DomainSpec& spec) {
    Json json = Json::array();
    for (unsigned vcpu = 0; vcpu < spec.vcpus; ++vcpu)
        json.push_back(vcpu);
    return json;
}

Json scheduling_of(const Scheduling& scheduling) {
    Json json = Json::object();
    put(json, "weight", scheduling.weight);
    put(json, "cap", scheduling.cap);
    return json;
}

/// Words of libxl_types.idl, which has 0 for the default.
std::string_view word_of_tsc_mode(TscMode mode) {
    return mode == TscMode::always_emulate ? "always_emulate" : "native";
}

void put_limits(Json& json, const DomainSpec& spec) {
    put(json, "max_grant_frames", spec.max_grant_frames);
    put(json, "max_maptrack_frames", spec.max_maptrack_frames);
    put(json, "max_grant_version", spec.max_grant_version);
}

Json build_info_of(const DomainSpec& spec) {
    Json json;
    json["max_vcpus"] = spec.max_vcpus;
    json["avail_vcpus"] = online_vcpus(spec);
    if (spec.tsc_mode != TscMode::standard) json["tsc_mode"] = word_of_tsc_mode(spec.tsc_mode);
    json["max_memkb"] = spec.max_memory_mib * 1024;
    json["target_memkb"] = spec.memory_mib * 1024;
    if (spec.rtc_offset_s != 0) json["rtc_timeoffset"] = spec.rtc_offset_s;
    put_text(json, "exec_ssid_label", spec.seclabel);
    if (spec.uses_local_time) json["localtime"] = "True";
    if (spec.never_migrates) json["disable_migrate"] = "True";
    put_limits(json, spec);
    json["sched_params"] = scheduling_of(spec.scheduling);
    json["claim_mode"] = "True";
    if (spec.max_event_channels != 1023) json["event_channels"] = spec.max_event_channels;
    json["kernel"] = spec.kernel;
    put_text(json, "cmdline", spec.cmdline);
    put_text(json, "ramdisk", spec.ramdisk);
    if (!spec.has_acpi) json["acpi"] = "False";
    if (spec.timer_mode != TimerMode::no_delay_for_missed_ticks)
        json["timer_mode"] = std::string{word_of(spec.timer_mode)};
    if (spec.has_nested_hvm) json["nested_hvm"] = "True";
    json["type.pvh"] = Json::object();
    if (spec.has_vpmu) json["vpmu"] = "True";
    return json;
}

Json disk_of(const DiskSpec& disk) {
    Json json;
    put_text(json, "backend_domname", disk.backend);
    put_text(json, "pdev_path", disk.target);
    json["vdev"] = disk.vdev;
    if (disk.backend_type != DiskBackend::automatic)
        json["backend"] = std::string{word_of(disk.backend_type)};
    json["format"] = std::string{word_of(disk.format)};
    put_text(json, "script", disk.script);
    if (disk.is_cdrom) json["removable"] = 1;
    if (disk.is_writable) json["readwrite"] = 1;
    if (disk.is_cdrom) json["is_cdrom"] = 1;
    if (disk.is_direct_io_safe) json["direct_io_safe"] = true;
    put_truth(json, "discard_enable", disk.discard);
    put_truth(json, "trusted", disk.is_trusted);
    return json;
}

Json nic_of(const NicSpec& nic) {
    Json json;
    put_text(json, "backend_domname", nic.backend);
    put(json, "devid", nic.devid);
    put(json, "mtu", nic.mtu);
    put_text(json, "mac", nic.mac);
    put_text(json, "ip", nic.ip);
    put_text(json, "bridge", nic.bridge);
    put_text(json, "ifname", nic.vifname);
    put_text(json, "script", nic.script);
    json["nictype"] = "vif";
    if (nic.rate) {
        json["rate_bytes_per_interval"] = nic.rate->bytes_per_interval;
        json["rate_interval_usecs"] = nic.rate->interval_us;
    }
    put_text(json, "gatewaydev", nic.gatewaydev);
    put_truth(json, "trusted", nic.is_trusted);
    return json;
}

Json p9_of(const P9Spec& p9) {
    Json json;
    put_text(json, "backend_domname", p9.backend);
    json["tag"] = p9.tag;
    json["path"] = p9.path;
    json["security_model"] = p9.security_model;
    return json;
}

Json channel_of(const ChannelSpec& channel) {
    Json json;
    put_text(json, "backend_domname", channel.backend);
    json["name"] = channel.name;
    json["connection"] = std::string{word_of(channel.connection)};
    Json socket = Json::object();
    put_text(socket, "path", channel.path);
    if (channel.connection == ChannelConnection::socket)
        json["connection.socket"] = socket;
    else
        json["connection.pty"] = Json::object();
    return json;
}

template <class Spec>
void put_devices(Json& json, const char* key, const std::vector<Spec>& devices,
                 Json (*describe)(const Spec&)) {
    if (devices.empty()) return;
    json[key] = Json::array();
    for (const Spec& device : devices)
        json[key].push_back(describe(device));
}

/// libxl's own default is destroy for all but a soft reset, which has none.
void put_action(Json& json, const char* key, EndAction action) {
    if (action == EndAction::destroy) return;
    std::string word{word_of(action)};
    for (char& letter : word)
        if (letter == '-') letter = '_';
    json[key] = word;
}

/// As libxl keeps it beside a domain of its own.   [libxl_internal.c libxl__userdata_path]
std::optional<Json> noted_config(const rpc::Identity& domain) {
    std::ifstream file{fmt::format("/var/lib/xen/userdata-d.{}.{}.libxl-json", domain.domid,
                                   to_string(domain.uuid))};
    const std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    Json config = Json::parse(text, nullptr, false);
    if (!config.is_object()) return std::nullopt;
    return config;
}

/// By UUID: since it was listed it may have begun another life. Nothing if it is being built, is
/// between two lives, or has gone; xl leaves such out, too.   [xl_info.c list_domains_details]
std::optional<rpc::GetResult> find_ours(const rpc::Identity& domain, Context& context) {
    const rpc::Selector selector{.uuid = domain.uuid, .name = {}, .domid = {}};
    try {
        return call_as<rpc::GetResult>(context.daemon, "domain.get", selector);
    } catch (const DaemonUnreachable&) {
        throw;
    } catch (const Error& e) {
        if (e.code() != Errc::not_found && e.code() != Errc::busy) throw;
        return std::nullopt;
    }
}

Json make_entry(std::uint16_t domid, Json config) {
    Json entry;
    entry["domid"] = domid;
    entry["config"] = std::move(config);
    return entry;
}

std::optional<Json> entry_of(const rpc::DomainStatus& status, Context& context) {
    if (!status.managed) {
        auto config = noted_config(status.domain);
        if (!config) return std::nullopt;
        return make_entry(status.domain.domid, *std::move(config));
    }
    if (status.dying) return std::nullopt; // a former life: its UUID is that of the next one
    const auto found = find_ours(status.domain, context);
    if (!found || !found->spec) return std::nullopt;
    return make_entry(found->status.domain.domid, libxl_config_of(*found->spec));
}

} // namespace

Json libxl_config_of(const DomainSpec& spec) {
    Json json;
    json["c_info"] = create_info_of(spec);
    json["b_info"] = build_info_of(spec);
    put_devices(json, "disks", spec.disks, disk_of);
    put_devices(json, "nics", spec.nics, nic_of);
    put_devices(json, "p9s", spec.p9, p9_of);
    put_devices(json, "channels", spec.channels, channel_of);
    put_action(json, "on_poweroff", spec.on_poweroff);
    put_action(json, "on_reboot", spec.on_reboot);
    put_action(json, "on_crash", spec.on_crash);
    put_action(json, "on_watchdog", spec.on_watchdog);
    put_action(json, "on_soft_reset", spec.on_soft_reset);
    return json;
}

Json libxl_list_of(const std::vector<rpc::DomainStatus>& domains, Context& context) {
    Json list = Json::array();
    for (const rpc::DomainStatus& status : domains) {
        if (status.domain.domid == kNoDomain.value()) continue;
        if (auto entry = entry_of(status, context)) list.push_back(*std::move(entry));
    }
    return list;
}

std::string text_of(const Json& json) {
    return json.dump(4, ' ', false, Json::error_handler_t::replace);
}

} // namespace pvh::cli
