// SPDX-License-Identifier: LGPL-2.1-or-later
// Options of HVM and PV guests, of Arm and of xend: they stand in many copied configs.
#include "config/options/chapters.h"

#include <array>

namespace pvh::config {

namespace {

constexpr Option unused(std::string_view key, std::string_view since = {}) {
    return {.key = key, .chapter = Chapter::no_effect, .status = Status::ignored, .since = since};
}

constexpr std::array kOptions{
    unused("acpi_firmware"),
    unused("acpi_laptop_slate"),
    unused("acpi_s3"),
    unused("acpi_s4"),
    unused("altp2mhvm"),
    unused("apic"),
    unused("arm_sci", "4.21"),
    unused("bios"),
    unused("bios_path_override"),
    unused("boot"),
    unused("device_model"),
    unused("device_model_args"),
    unused("device_model_args_hvm"),
    unused("device_model_args_pv"),
    unused("device_model_override"),
    unused("device_model_stubdomain_override"),
    unused("device_model_stubdomain_seclabel"),
    unused("device_model_user"),
    unused("device_model_version"),
    unused("device_tree"),
    unused("display"),
    unused("dm_restrict"),
    unused("dtdev"),
    unused("firmware_override"),
    unused("gfx_passthru"),
    unused("gic_version"),
    unused("hdtype"),
    unused("hpet"),
    unused("hvm_pirq", "4.19"),
    unused("keymap"),
    unused("llc_colors", "4.20"),
    unused("mca_caps"),
    unused("mmio_hole"),
    unused("ms_vm_genid"),
    unused("nographic"),
    unused("nr_spis", "4.19"),
    unused("nx"),
    unused("on_shutdown"),
    unused("on_xend_start"),
    unused("on_xend_stop"),
    unused("opengl"),
    unused("pae"),
    unused("pci_msitranslate"),
    unused("pci_permissive"),
    unused("pci_power_mgmt"),
    unused("pci_seize"),
    unused("rdm"),
    unused("rdm_mem_boundary"),
    unused("sdl"),
    unused("serial"),
    unused("smbios", "4.18"),
    unused("smbios_firmware"),
    unused("soundhw"),
    unused("spice"),
    unused("spice_clipboard_sharing"),
    unused("spice_image_compression"),
    unused("spice_streaming_video"),
    unused("spiceagent_mouse"),
    unused("spicedisable_ticketing"),
    unused("spicehost"),
    unused("spicepasswd"),
    unused("spiceport"),
    unused("spicetls_port"),
    unused("spiceusbredirection"),
    unused("spicevdagent"),
    unused("stdvga"),
    unused("stubdomain_cmdline"),
    unused("stubdomain_kernel"),
    unused("stubdomain_memory"),
    unused("stubdomain_ramdisk"),
    unused("sve", "4.18"),
    unused("system_firmware"),
    unused("tee"),
    unused("trap_unmapped_accesses", "4.21"),
    unused("usb"),
    unused("usbdevice"),
    unused("usbversion"),
    unused("vendor_device"),
    unused("vga"),
    unused("videoram"),
    unused("vif2"),
    unused("viridian"),
    unused("vkb_device"),
    unused("vnc"),
    unused("vncdisplay"),
    unused("vnclisten"),
    unused("vncpasswd"),
    unused("vncunused"),
    unused("vncviewer"),
    unused("vpt_align"),
    unused("vuart"),
    unused("xauthority"),
    unused("xen_platform_pci"),
    unused("xen_platform_pci_bar_uc", "4.21"),
};

} // namespace

std::span<const Option> options_without_effect() {
    return kOptions;
}

} // namespace pvh::config
