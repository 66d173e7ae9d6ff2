// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/device/device.h"

namespace pvh::device {

/// A console beside the first, for programs: served by pvhconsoled, connected by the handshake of
/// all xenbus devices.   [tools/libs/light/libxl_console.c libxl__device_console_add]
class Channel final : public Device {
  public:
    /// `spec` is valid; `devid` counts from 1. Throws Errc::unsupported for one that is served
    /// elsewhere.
    Channel(ChannelSpec spec, unsigned devid);

    [[nodiscard]] Address address(DomId frontend) const override;
    [[nodiscard]] std::string title() const override;
    void prepare(HostDevices& host, xen::Store& store) override;
    [[nodiscard]] DeviceKeys describe() const override;

  private:
    ChannelSpec spec_;
    unsigned devid_;
};

/// The number of a domain's i-th channel; 0 is the console.
constexpr unsigned channel_devid(std::size_t i) {
    return static_cast<unsigned>(i) + 1;
}

/// Whether a device on record is a channel of ours: xl's are QEMU's.
bool is_our_channel(xen::Store& store, const Address& device);

/// What happens to /tool/pvhconsoled/channels/N tells pvhconsoled to look for channels of domain N.
/// A watch on the backends themselves would fire for each node of every domain's first console.
inline constexpr const char* kChannelCalls = "/tool/pvhconsoled/channels";

/// Has it look; leaves no node.
void call_for_channels(xen::Store& store, DomId frontend);

} // namespace pvh::device
