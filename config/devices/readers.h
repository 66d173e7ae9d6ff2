// SPDX-License-Identifier: LGPL-2.1-or-later
// Readers of the options that describe devices: each item of the list is a language of its own.
#pragma once

namespace pvh::config {

class SpecReader;

/// [docs/man/xl-disk-configuration.5; tools/libs/util/libxlu_disk_l.l]
void read_disks(SpecReader& reader);
/// [docs/man/xl-network-configuration.5; tools/xl/xl_parse.c parse_nic_config]
void read_nics(SpecReader& reader);
/// [xl.cfg(5), "channel"]
void read_channels(SpecReader& reader);
/// [xl.cfg(5), "p9"]
void read_p9(SpecReader& reader);
/// [xl.cfg(5), "vtpm"]
void read_vtpms(SpecReader& reader);

// Nothing of these goes into a spec yet: their keys are checked.
void check_usbctrl(SpecReader& reader);
void check_usbdev(SpecReader& reader);
void check_vfb(SpecReader& reader);
void check_vkb(SpecReader& reader);
void check_pvcalls(SpecReader& reader);

} // namespace pvh::config
