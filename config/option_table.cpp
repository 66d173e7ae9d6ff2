// SPDX-License-Identifier: LGPL-2.1-or-later
// [xl.cfg(5) of Xen 4.17 to 4.22; tools/xl/xl_parse.c]
#include "config/option_table.h"

#include <algorithm>
#include <array>

namespace pvh::config {

namespace {

using enum Shape;
using enum Status;

constexpr std::string_view kNoDevices = "this release attaches no devices";
constexpr std::string_view kNoPci = "PCI passthrough is not supported for x86 PVH guests";
constexpr std::string_view kNoBootloader =
    "this release runs no bootloader, give kernel and ramdisk";
constexpr std::string_view kNoShim = "this release builds no PV shim";
constexpr std::string_view kNoXsm = "this release sets no XSM label";
constexpr std::string_view kNoResources = "this release hands out no host resources";

constexpr std::array kOptions{
    // clang-format off
    Option{"acpi", boolean, not_yet, "1", "", "", ""},
    Option{"acpi_firmware", any, ignored, "", "", "", ""},
    Option{"acpi_laptop_slate", any, ignored, "", "", "", ""},
    Option{"acpi_s3", any, ignored, "", "", "", ""},
    Option{"acpi_s4", any, ignored, "", "", "", ""},
    Option{"altp2m", string, not_yet, "0", "", "", ""},
    Option{"altp2m_count", number, not_yet, "", "", "4.21", ""},
    Option{"altp2mhvm", any, ignored, "", "", "", ""},
    Option{"apic", any, ignored, "", "", "", ""},
    Option{"arm_sci", any, ignored, "", "", "4.21", ""},
    Option{"bios", any, ignored, "", "", "", ""},
    Option{"bios_path_override", any, ignored, "", "", "", ""},
    Option{"boot", any, ignored, "", "", "", ""},
    Option{"bootloader", string, not_yet_needed, "", "", "", kNoBootloader},
    Option{"bootloader_args", any, ignored, "", "", "", ""},
    Option{"bootloader_restrict", boolean, ignored, "", "", "4.18", ""},
    Option{"bootloader_user", string, ignored, "", "", "4.18", ""},
    Option{"builder", string, refused, "", "", "", "no builder of that option makes PVH guests, remove it"},
    Option{"cap", number, not_yet, "0", "%", "", ""},
    Option{"channel", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"cmdline", string, supported, "", "", "", ""},
    Option{"cpu_weight", number, not_yet, "256", "", "", ""},
    Option{"cpuid", any, not_yet, "", "", "", ""},
    Option{"cpus", any, not_yet, "all", "", "", ""},
    Option{"cpus_soft", any, not_yet, "all", "", "", ""},
    Option{"device_model", any, ignored, "", "", "", ""},
    Option{"device_model_args", any, ignored, "", "", "", ""},
    Option{"device_model_args_hvm", any, ignored, "", "", "", ""},
    Option{"device_model_args_pv", any, ignored, "", "", "", ""},
    Option{"device_model_override", any, ignored, "", "", "", ""},
    Option{"device_model_stubdomain_override", any, ignored, "", "", "", ""},
    Option{"device_model_stubdomain_seclabel", any, ignored, "", "", "", ""},
    Option{"device_model_user", any, ignored, "", "", "", ""},
    Option{"device_model_version", any, ignored, "", "", "", ""},
    Option{"device_tree", any, ignored, "", "", "", ""},
    Option{"disk", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"display", any, ignored, "", "", "", ""},
    Option{"dm_restrict", any, ignored, "", "", "", ""},
    Option{"driver_domain", boolean, not_yet_needed, "0", "", "", "this release makes no driver domains"},
    Option{"dtdev", any, ignored, "", "", "", ""},
    Option{"extra", string, supported, "", "", "", ""},
    Option{"extratime", number, not_yet, "", "", "", ""},
    Option{"firmware", string, not_yet_needed, "", "", "", "this release loads no guest firmware, give kernel"},
    Option{"firmware_override", any, ignored, "", "", "", ""},
    Option{"gfx_passthru", any, ignored, "", "", "", ""},
    Option{"gic_version", any, ignored, "", "", "", ""},
    Option{"hap", boolean, not_yet, "1", "", "", ""},
    Option{"hdtype", any, ignored, "", "", "", ""},
    Option{"hpet", any, ignored, "", "", "", ""},
    Option{"hvm_pirq", any, ignored, "", "", "4.19", ""},
    Option{"init_seclabel", string, not_yet_needed, "", "", "", kNoXsm},
    Option{"iomem", list, not_yet_needed, "", "", "", kNoResources},
    Option{"ioports", list, not_yet_needed, "", "", "", kNoResources},
    Option{"irqs", list, not_yet_needed, "", "", "", kNoResources},
    Option{"kernel", string, supported, "", "", "", ""},
    Option{"keymap", any, ignored, "", "", "", ""},
    Option{"latency", number, not_yet, "", "", "", ""},
    Option{"llc_colors", any, ignored, "", "", "4.20", ""},
    Option{"localtime", boolean, not_yet, "0", "", "", ""},
    Option{"max_event_channels", number, not_yet, "1023", "", "", ""},
    Option{"max_grant_frames", any, not_yet, "", "", "", ""},
    Option{"max_grant_version", number, not_yet, "", "", "", ""},
    Option{"max_maptrack_frames", any, not_yet, "", "", "", ""},
    Option{"maxmem", number, supported, "memory", "MiB", "", ""},
    Option{"maxvcpus", number, supported, "vcpus", "", "", ""},
    Option{"mca_caps", any, ignored, "", "", "", ""},
    Option{"memory", number, supported, "maxmem, else 32", "MiB", "", ""},
    Option{"mmio_hole", any, ignored, "", "", "", ""},
    Option{"ms_vm_genid", any, ignored, "", "", "", ""},
    Option{"msr_relaxed", boolean, not_yet, "0", "", "", ""},
    Option{"name", string, supported, "", "", "", ""},
    Option{"nestedhvm", boolean, not_yet, "0", "", "", ""},
    Option{"nographic", any, ignored, "", "", "", ""},
    Option{"nomigrate", boolean, not_yet, "0", "", "", ""},
    Option{"nr_spis", any, ignored, "", "", "4.19", ""},
    Option{"nx", any, ignored, "", "", "", ""},
    Option{"on_crash", action, supported, "destroy", "", "", ""},
    Option{"on_poweroff", action, supported, "destroy", "", "", ""},
    Option{"on_reboot", action, supported, "restart", "", "", ""},
    Option{"on_shutdown", any, ignored, "", "", "", ""},
    Option{"on_soft_reset", action, supported, "soft-reset", "", "", ""},
    Option{"on_watchdog", action, supported, "destroy", "", "", ""},
    Option{"on_xend_start", any, ignored, "", "", "", ""},
    Option{"on_xend_stop", any, ignored, "", "", "", ""},
    Option{"oos", boolean, not_yet, "", "", "", ""},
    Option{"opengl", any, ignored, "", "", "", ""},
    Option{"p9", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"pae", any, ignored, "", "", "", ""},
    Option{"passthrough", string, refused, "disabled", "", "", kNoPci},
    Option{"pci", list, refused, "", "", "", kNoPci},
    Option{"pci_msitranslate", any, ignored, "", "", "", ""},
    Option{"pci_permissive", any, ignored, "", "", "", ""},
    Option{"pci_power_mgmt", any, ignored, "", "", "", ""},
    Option{"pci_seize", any, ignored, "", "", "", ""},
    Option{"period", number, not_yet, "", "", "", ""},
    Option{"pool", string, not_yet, "Pool-0", "", "", ""},
    Option{"pvcalls", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"pvshim", boolean, not_yet_needed, "0", "", "", kNoShim},
    Option{"pvshim_cmdline", any, ignored, "", "", "", ""},
    Option{"pvshim_extra", any, ignored, "", "", "", ""},
    Option{"pvshim_path", any, ignored, "", "", "", ""},
    Option{"ramdisk", string, supported, "", "", "", ""},
    Option{"rdm", any, ignored, "", "", "", ""},
    Option{"rdm_mem_boundary", any, ignored, "", "", "", ""},
    Option{"root", string, supported, "", "", "", ""},
    Option{"rtc_timeoffset", any, not_yet, "0", "", "", ""},
    Option{"sdl", any, ignored, "", "", "", ""},
    Option{"seclabel", string, not_yet_needed, "", "", "", kNoXsm},
    Option{"serial", any, ignored, "", "", "", ""},
    Option{"shadow_memory", number, not_yet, "", "MiB", "", ""},
    Option{"slice", number, not_yet, "", "", "", ""},
    Option{"smbios", any, ignored, "", "", "4.18", ""},
    Option{"smbios_firmware", any, ignored, "", "", "", ""},
    Option{"soundhw", any, ignored, "", "", "", ""},
    Option{"spice", any, ignored, "", "", "", ""},
    Option{"spice_clipboard_sharing", any, ignored, "", "", "", ""},
    Option{"spice_image_compression", any, ignored, "", "", "", ""},
    Option{"spice_streaming_video", any, ignored, "", "", "", ""},
    Option{"spiceagent_mouse", any, ignored, "", "", "", ""},
    Option{"spicedisable_ticketing", any, ignored, "", "", "", ""},
    Option{"spicehost", any, ignored, "", "", "", ""},
    Option{"spicepasswd", any, ignored, "", "", "", ""},
    Option{"spiceport", any, ignored, "", "", "", ""},
    Option{"spicetls_port", any, ignored, "", "", "", ""},
    Option{"spiceusbredirection", any, ignored, "", "", "", ""},
    Option{"spicevdagent", any, ignored, "", "", "", ""},
    Option{"stdvga", any, ignored, "", "", "", ""},
    Option{"stubdomain_cmdline", any, ignored, "", "", "", ""},
    Option{"stubdomain_kernel", any, ignored, "", "", "", ""},
    Option{"stubdomain_memory", any, ignored, "", "", "", ""},
    Option{"stubdomain_ramdisk", any, ignored, "", "", "", ""},
    Option{"sve", any, ignored, "", "", "4.18", ""},
    Option{"system_firmware", any, ignored, "", "", "", ""},
    Option{"tee", any, ignored, "", "", "", ""},
    Option{"timer_mode", string, not_yet, "no_delay_for_missed_ticks", "", "", ""},
    Option{"trap_unmapped_accesses", any, ignored, "", "", "4.21", ""},
    Option{"tsc_mode", string, not_yet, "default", "", "", ""},
    Option{"type", string, supported, "pvh", "", "", ""},
    Option{"usb", any, ignored, "", "", "", ""},
    Option{"usbctrl", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"usbdev", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"usbdevice", any, ignored, "", "", "", ""},
    Option{"usbversion", any, ignored, "", "", "", ""},
    Option{"uuid", uuid, supported, "drawn when the domain is created", "", "", ""},
    Option{"vcpus", number, supported, "1", "", "", ""},
    Option{"vdispl", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"vendor_device", any, ignored, "", "", "", ""},
    Option{"vfb", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"vga", any, ignored, "", "", "", ""},
    Option{"videoram", any, ignored, "", "", "", ""},
    Option{"vif", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"vif2", any, ignored, "", "", "", ""},
    Option{"viridian", any, ignored, "", "", "", ""},
    Option{"virtio", list, not_yet_needed, "", "", "4.18", kNoDevices},
    Option{"vkb", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"vkb_device", any, ignored, "", "", "", ""},
    Option{"vmtrace_buf_kb", number, not_yet, "0", "", "", ""},
    Option{"vnc", any, ignored, "", "", "", ""},
    Option{"vncdisplay", any, ignored, "", "", "", ""},
    Option{"vnclisten", any, ignored, "", "", "", ""},
    Option{"vncpasswd", any, ignored, "", "", "", ""},
    Option{"vncunused", any, ignored, "", "", "", ""},
    Option{"vncviewer", any, ignored, "", "", "", ""},
    Option{"vnuma", any, not_yet, "", "", "", ""},
    Option{"vpmu", boolean, not_yet, "0", "", "", ""},
    Option{"vpt_align", any, ignored, "", "", "", ""},
    Option{"vsnd", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"vtpm", list, not_yet_needed, "", "", "", kNoDevices},
    Option{"vuart", any, ignored, "", "", "", ""},
    Option{"xauthority", any, ignored, "", "", "", ""},
    Option{"xen_platform_pci", any, ignored, "", "", "", ""},
    Option{"xen_platform_pci_bar_uc", any, ignored, "", "", "4.21", ""},
    Option{"xend_suspend_evtchn_compat", boolean, not_yet, "0", "", "", ""},
    Option{"xenstore_feature_mask", any, not_yet, "", "", "4.21", ""},
    Option{"xenstore_quota", any, not_yet, "", "", "4.22", ""},
    // clang-format on
};

constexpr bool is_before(const Option& a, const Option& b) {
    return a.key < b.key;
}

static_assert(std::is_sorted(kOptions.begin(), kOptions.end(), is_before));
static_assert(std::adjacent_find(kOptions.begin(), kOptions.end(),
                                 [](const Option& a, const Option& b) { return a.key == b.key; }) ==
              kOptions.end());

} // namespace

std::span<const Option> all_options() {
    return kOptions;
}

const Option* find_option(std::string_view key) {
    const auto* found =
        std::lower_bound(kOptions.begin(), kOptions.end(), key,
                         [](const Option& o, std::string_view k) { return o.key < k; });
    return found != kOptions.end() && found->key == key ? found : nullptr;
}

} // namespace pvh::config
