// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/characters.h"
#include "config/devices/fields.h"
#include "config/devices/rate.h"
#include "config/devices/readers.h"

#include <array>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr const char* kMacHint = "want six octets, e.g. 00:16:3e:01:02:03";

bool is_hex(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

/// Takes one or two hex digits off `text`; empty if there are none.
std::string take_octet(std::string_view& text) {
    std::string octet;
    while (octet.size() < 2 && !text.empty() && is_hex(text.front())) {
        octet += to_lower(text.front());
        text.remove_prefix(1);
    }
    if (octet.size() == 1) octet.insert(0, "0");
    return octet;
}

/// What no card may have, and Linux's netfront does not take.
void check_mac(Field& field, const std::string& mac) {
    constexpr std::string_view kOddDigits = "13579bdf";
    if (kOddDigits.find(mac[1]) != std::string_view::npos)
        field.fail(fmt::format("{} is the address of a group", in_quotes(field.value())),
                   "the first octet of a card's is even", 0);
    else if (mac == "00:00:00:00:00:00")
        field.fail(fmt::format("{} is no card's address", in_quotes(field.value())), kMacHint, 0);
}

/// Octets apart by ":" or "-", as "00:16:3e:01:02:03".
void read_mac(Field& field, NicSpec& nic) {
    constexpr unsigned kOctets = 6;
    std::string_view rest = field.value();
    std::string mac;
    for (unsigned i = 0; i < kOctets; ++i) {
        if (i > 0 && !rest.empty() && (rest.front() == ':' || rest.front() == '-')) {
            mac += ':';
            rest.remove_prefix(1);
        }
        const std::string octet = take_octet(rest);
        if (octet.empty())
            return field.fail(fmt::format("{} is no MAC address", in_quotes(field.value())),
                              kMacHint, field.value().size() - rest.size());
        mac += octet;
    }
    if (!rest.empty() || mac.size() != 17)
        return field.fail(fmt::format("{} is no MAC address", in_quotes(field.value())), kMacHint,
                          field.value().size() - rest.size());
    check_mac(field, mac);
    nic.mac = mac;
}

void read_type(Field& field, NicSpec& /*nic*/) {
    if (field.value() == "ioemu")
        return field.fail("PVH guests have no emulated NIC",
                          "remove type=ioemu, or write type=vif");
    if (field.value() != "vif")
        field.warn(fmt::format("vif type {} means nothing to Xen", in_quotes(field.value())));
}

void read_rate(Field& field, NicSpec& nic) {
    const auto parsed = parse_rate(field.value());
    if (const auto* fault = std::get_if<RateFault>(&parsed))
        return field.fail(fault->message, fault->hint, fault->index);
    nic.rate = std::get<RateLimit>(parsed);
}

void read_netdev(Field& field, NicSpec& nic) {
    field.warn("netdev is deprecated, write gatewaydev");
    field.into(nic.gatewaydev);
}

/// xl's own script does what is done here without one.
void read_script(Field& field, NicSpec& nic) {
    if (field.value() == "vif-bridge" || field.value() == "/etc/xen/scripts/vif-bridge")
        return field.warn("vif-bridge is not run: pvhd makes the interface a port of the bridge");
    field.into(nic.script);
}

constexpr std::array kRows{
    FieldRow<NicSpec>{"mac", read_mac},
    FieldRow<NicSpec>{"bridge", [](Field& f, NicSpec& nic) { f.into(nic.bridge); }},
    FieldRow<NicSpec>{"script", read_script},
    FieldRow<NicSpec>{"ip", [](Field& f, NicSpec& nic) { f.into(nic.ip); }},
    FieldRow<NicSpec>{"vifname", [](Field& f, NicSpec& nic) { f.into(nic.vifname); }},
    FieldRow<NicSpec>{"type", read_type},
    FieldRow<NicSpec>{"backend", [](Field& f, NicSpec& nic) { f.into(nic.backend); }},
    FieldRow<NicSpec>{"rate", read_rate},
    FieldRow<NicSpec>{"model"}, // of an emulated card
    FieldRow<NicSpec>{"gatewaydev", [](Field& f, NicSpec& nic) { f.into(nic.gatewaydev); }},
    FieldRow<NicSpec>{"netdev", read_netdev},
    FieldRow<NicSpec>{"mtu", [](Field& f, NicSpec& nic) { f.into(nic.mtu); }},
    FieldRow<NicSpec>{"devid", [](Field& f, NicSpec& nic) { f.into(nic.devid); }},
    FieldRow<NicSpec>{"vlan", [](Field& f, NicSpec& nic) { f.into(nic.vlan); }},
    FieldRow<NicSpec>{"trusted", [](Field&, NicSpec& nic) { nic.is_trusted = true; }, true},
    FieldRow<NicSpec>{"untrusted", [](Field&, NicSpec& nic) { nic.is_trusted = false; }, true},
    FieldRow<NicSpec>{"accel"},
};

constexpr std::size_t kMaxName = 15; // IFNAMSIZ without its NUL

void check_nic(SpecReader& reader, const Phrase& phrase, const NicSpec& nic) {
    if (nic.vifname.size() > kMaxName)
        reader.fail(
            phrase.whole(),
            fmt::format("vifname {} has {} bytes", in_quotes(nic.vifname), nic.vifname.size()),
            fmt::format("Linux takes {} for an interface", kMaxName));
    if (nic.script.empty() && (!nic.ip.empty() || !nic.gatewaydev.empty())) // scripts use them
        reader.warn(phrase.whole(), "ip= and gatewaydev= of a vif are not enforced by this release",
                    "filter on the bridge if the guest may use its own address only");
    if (auto lack = unsupported_in(nic))
        reader.fail_in_this_release(phrase.whole(), std::move(*lack));
}

} // namespace

void read_nics(SpecReader& reader) {
    for (const Phrase& phrase : reader.phrases()) {
        NicSpec nic;
        read_fields<NicSpec>(reader, phrase, "vif", kRows, nic);
        check_nic(reader, phrase, nic);
        reader.spec().nics.push_back(std::move(nic));
    }
}

} // namespace pvh::config
