// SPDX-License-Identifier: LGPL-2.1-or-later
// Channels, 9p file systems, vTPMs; and devices of which only the keys are known.
#include "config/devices/fields.h"
#include "config/devices/readers.h"
#include "libdomain/spec/device_rules.h"

#include <array>

#include <fmt/format.h>

namespace pvh::config {

namespace {

struct ChannelWords {
    ChannelSpec spec;
    bool has_connection = false;
};

void read_connection(Field& field, ChannelWords& channel) {
    field.into(channel.spec.connection);
    channel.has_connection = true;
}

constexpr std::array kChannelRows{
    FieldRow<ChannelWords>{"connection", read_connection},
    FieldRow<ChannelWords>{"name", [](Field& f, ChannelWords& c) { f.into(c.spec.name); }},
    FieldRow<ChannelWords>{"path", [](Field& f, ChannelWords& c) { f.into(c.spec.path); }},
    FieldRow<ChannelWords>{"backend", [](Field& f, ChannelWords& c) { f.into(c.spec.backend); }},
};

constexpr std::array kP9Rows{
    FieldRow<P9Spec>{"tag", [](Field& f, P9Spec& p9) { f.into(p9.tag); }},
    FieldRow<P9Spec>{"path", [](Field& f, P9Spec& p9) { f.into(p9.path); }},
    FieldRow<P9Spec>{"security_model", [](Field& f, P9Spec& p9) { f.into(p9.security_model); }},
    FieldRow<P9Spec>{"backend", [](Field& f, P9Spec& p9) { f.into(p9.backend); }},
    FieldRow<P9Spec>{"type", [](Field& f, P9Spec& p9) { f.into(p9.server); }},
    FieldRow<P9Spec>{"max-files", [](Field& f, P9Spec& p9) { f.into(p9.max_files); }},
    FieldRow<P9Spec>{"max-open-files", [](Field& f, P9Spec& p9) { f.into(p9.max_open_files); }},
    FieldRow<P9Spec>{"max-space", [](Field& f, P9Spec& p9) { f.into(p9.max_space_mib); }},
    FieldRow<P9Spec>{"auto-delete", [](Field& f, P9Spec& p9) { f.into(p9.auto_delete); }},
};

constexpr std::array kVtpmRows{
    FieldRow<VtpmSpec>{"backend", [](Field& f, VtpmSpec& vtpm) { f.into(vtpm.backend); }},
    FieldRow<VtpmSpec>{"uuid", [](Field& f, VtpmSpec& vtpm) { f.into(vtpm.uuid); }},
};

struct Nothing {};

template <std::size_t N>
void check_keys(SpecReader& reader, std::string_view what,
                const std::array<std::string_view, N>& keys) {
    std::array<FieldRow<Nothing>, N> rows;
    std::transform(keys.begin(), keys.end(), rows.begin(),
                   [](std::string_view key) { return FieldRow<Nothing>{.key = key}; });
    Nothing nothing;
    for (const Phrase& phrase : reader.phrases())
        read_fields<Nothing>(reader, phrase, what, rows, nothing);
}

void require(SpecReader& reader, const Phrase& phrase, std::string_view what, std::string_view key,
             bool is_there) {
    if (!is_there)
        reader.fail(phrase.whole(), fmt::format("{} has no {}", what, key),
                    fmt::format("add {}=...", key));
}

} // namespace

void read_channels(SpecReader& reader) {
    for (const Phrase& phrase : reader.phrases()) {
        ChannelWords channel;
        read_fields<ChannelWords>(reader, phrase, "channel", kChannelRows, channel);
        require(reader, phrase, "channel", "connection", channel.has_connection);
        require(reader, phrase, "channel with connection=socket", "path",
                channel.spec.connection != ChannelConnection::socket || !channel.spec.path.empty());
        if (channel.spec.connection == ChannelConnection::pty && !channel.spec.path.empty()) {
            reader.warn(phrase.whole(), "path= means nothing to a pty",
                        "pvhctl channel-list shows the pseudo-terminal that it has");
            channel.spec.path.clear();
        }
        if (auto lack = unsupported_in(channel.spec))
            reader.fail_in_this_release(phrase.whole(), std::move(*lack));
        reader.spec().channels.push_back(std::move(channel.spec));
    }
}

void read_p9(SpecReader& reader) {
    for (const Phrase& phrase : reader.phrases()) {
        P9Spec p9;
        read_fields<P9Spec>(reader, phrase, "p9", kP9Rows, p9);
        require(reader, phrase, "p9", "tag", !p9.tag.empty());
        require(reader, phrase, "p9", "path", !p9.path.empty() || p9.server == P9Server::xen_9pfsd);
        require(reader, phrase, "p9", "security_model",
                !p9.security_model.empty() || p9.server == P9Server::xen_9pfsd);
        if (auto lack = unsupported_in(p9))
            reader.fail_in_this_release(phrase.whole(), std::move(*lack));
        reader.spec().p9.push_back(std::move(p9));
    }
}

void read_vtpms(SpecReader& reader) {
    for (const Phrase& phrase : reader.phrases()) {
        VtpmSpec vtpm;
        read_fields<VtpmSpec>(reader, phrase, "vtpm", kVtpmRows, vtpm);
        require(reader, phrase, "vtpm", "backend", !vtpm.backend.empty());
        reader.spec().vtpms.push_back(std::move(vtpm));
    }
}

void check_usbctrl(SpecReader& reader) {
    check_keys<3>(reader, "usbctrl", {"type", "version", "ports"});
}

void check_usbdev(SpecReader& reader) {
    check_keys<5>(reader, "usbdev", {"type", "hostbus", "hostaddr", "controller", "port"});
}

void check_vfb(SpecReader& reader) {
    // "type" comes from xend's time and stands in many files.
    check_keys<11>(reader, "vfb",
                   {"type", "vnc", "vnclisten", "vncdisplay", "vncunused", "vncpasswd", "keymap",
                    "sdl", "opengl", "display", "xauthority"});
}

void check_vkb(SpecReader& reader) {
    check_keys<13>(reader, "vkb",
                   {"backend", "backend-type", "unique-id", "feature-disable-keyboard",
                    "feature-disable-pointer", "feature-abs-pointer", "feature-raw-pointer",
                    "feature-multi-touch", "multi-touch-width", "multi-touch-height",
                    "multi-touch-num-contacts", "width", "height"});
}

void check_pvcalls(SpecReader& reader) {
    check_keys<1>(reader, "pvcalls", {"backend"});
}

} // namespace pvh::config
