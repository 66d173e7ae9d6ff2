// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/options/chapters.h"
#include "config/spec_reader.h"

#include <array>

namespace pvh::config {

namespace {

using enum Shape;

constexpr std::string_view kNoBootloader =
    "this release runs no bootloader, give kernel and ramdisk";
constexpr std::string_view kNoShim = "this release builds no PV shim";

constexpr std::array kOptions{
    Option{.key = "kernel",
           .chapter = Chapter::boot,
           .shape = string,
           .read = [](SpecReader& r) { r.into_path(r.spec().kernel); },
           .summary = "Kernel on the host: a bzImage, or an ELF file, plain or compressed, with "
                      "the PVH entry note (CONFIG_PVH of Linux). Required."},
    Option{.key = "ramdisk",
           .chapter = Chapter::boot,
           .shape = string,
           .read = [](SpecReader& r) { r.into_path(r.spec().ramdisk); },
           .summary = "Initial RAM disk on the host."},
    Option{.key = "cmdline",
           .chapter = Chapter::boot,
           .shape = string,
           .summary = "Kernel command line. Set, it takes the place of root and extra."},
    Option{.key = "root",
           .chapter = Chapter::boot,
           .shape = string,
           .summary = "Put on the kernel command line as root=...."},
    Option{.key = "extra",
           .chapter = Chapter::boot,
           .shape = string,
           .summary = "Added to the kernel command line behind root."},
    Option{.key = "bootloader",
           .chapter = Chapter::boot,
           .shape = string,
           .status = Status::not_yet_needed,
           .brings_kernel = true,
           .why = kNoBootloader,
           .summary = "Program that finds the kernel on the guest's disk, e.g. pygrub."},
    Option{.key = "bootloader_args",
           .chapter = Chapter::boot,
           .status = Status::ignored,
           .summary = "Arguments of the bootloader."},
    Option{.key = "bootloader_restrict",
           .chapter = Chapter::boot,
           .shape = boolean,
           .status = Status::ignored,
           .since = "4.18",
           .summary = "Runs the bootloader with fewer rights."},
    Option{.key = "bootloader_user",
           .chapter = Chapter::boot,
           .shape = string,
           .status = Status::ignored,
           .since = "4.18",
           .summary = "User that the restricted bootloader runs as."},
    Option{.key = "firmware",
           .chapter = Chapter::boot,
           .shape = string,
           .status = Status::not_yet_needed,
           .brings_kernel = true,
           .why = "this release loads no guest firmware, give kernel",
           .summary = "pvgrub32 or pvgrub64 in the place of a kernel."},
    Option{.key = "pvshim",
           .chapter = Chapter::boot,
           .shape = boolean,
           .status = Status::not_yet_needed,
           .default_text = "0",
           .why = kNoShim,
           .summary = "Runs a PV kernel inside a PVH domain."},
    Option{.key = "pvshim_path",
           .chapter = Chapter::boot,
           .status = Status::ignored,
           .summary = "Of the PV shim."},
    Option{.key = "pvshim_cmdline",
           .chapter = Chapter::boot,
           .status = Status::ignored,
           .summary = "Of the PV shim."},
    Option{.key = "pvshim_extra",
           .chapter = Chapter::boot,
           .status = Status::ignored,
           .summary = "Of the PV shim."},
};

} // namespace

std::span<const Option> boot_options() {
    return kOptions;
}

} // namespace pvh::config
