// SPDX-License-Identifier: LGPL-2.1-or-later
// The DSDT of a PVH domain: one device per vCPU and nothing else.
//
// What PVH Linux needs of a DSDT is that there is one. vCPUs come from the MADT, their hot-plug from xenstore
// (drivers/xen/cpu_hotplug.c), power-off from SCHEDOP_shutdown, and there is no chipset. Processor devices are kept because
// xl's guests have them: through them Linux binds its processor driver (cpuidle with HLT as C1) and FreeBSD its cpu devices.
//
// Three things differ from the DSDT that xl 4.17 gives, each for a reason:
//  - Device (ACPI0007), not Processor: the keyword is deprecated since ACPI 6.0 and would name an I/O block (P_BLK)
//    that nothing emulates here. Linux and FreeBSD match either kind to the MADT: _UID is the entry's processor id.
//    [ACPI 6.5 sections 5.2.12.2, 8.4; Linux drivers/acpi/acpi_processor.c acpi_processor_get_info]
//  - No _STA, _MAT, _EJ0 and no hot-plug event: they would read the MADT's flags, which nobody changes in a PVH domain
//    (the bitmap at port 0xAF00 is not emulated; Xen dropped the event for PVH in 4.19).
//    A device without _STA is present, so the table holds the vCPUs that are online at boot and no others.
//  - Each device is a term of the root, complete by itself. A table for n vCPUs is therefore this one, cut behind its
//    n-th device (dsdt.cpp): 2 vCPUs take 102 bytes instead of 27 KiB, and the guest does not walk 126 absent ones.
//
// OEM ids are xl's, so that a guest logs the same line. 128 is HVM_MAX_VCPUS.
DefinitionBlock ("", "DSDT", 5, "Xen", "HVM", 0)
{
    Device (\_SB.C000) { Name (_HID, "ACPI0007") Name (_UID, 0) }
    Device (\_SB.C001) { Name (_HID, "ACPI0007") Name (_UID, 1) }
    Device (\_SB.C002) { Name (_HID, "ACPI0007") Name (_UID, 2) }
    Device (\_SB.C003) { Name (_HID, "ACPI0007") Name (_UID, 3) }
    Device (\_SB.C004) { Name (_HID, "ACPI0007") Name (_UID, 4) }
    Device (\_SB.C005) { Name (_HID, "ACPI0007") Name (_UID, 5) }
    Device (\_SB.C006) { Name (_HID, "ACPI0007") Name (_UID, 6) }
    Device (\_SB.C007) { Name (_HID, "ACPI0007") Name (_UID, 7) }
    Device (\_SB.C008) { Name (_HID, "ACPI0007") Name (_UID, 8) }
    Device (\_SB.C009) { Name (_HID, "ACPI0007") Name (_UID, 9) }
    Device (\_SB.C00A) { Name (_HID, "ACPI0007") Name (_UID, 10) }
    Device (\_SB.C00B) { Name (_HID, "ACPI0007") Name (_UID, 11) }
    Device (\_SB.C00C) { Name (_HID, "ACPI0007") Name (_UID, 12) }
    Device (\_SB.C00D) { Name (_HID, "ACPI0007") Name (_UID, 13) }
    Device (\_SB.C00E) { Name (_HID, "ACPI0007") Name (_UID, 14) }
    Device (\_SB.C00F) { Name (_HID, "ACPI0007") Name (_UID, 15) }
    Device (\_SB.C010) { Name (_HID, "ACPI0007") Name (_UID, 16) }
    Device (\_SB.C011) { Name (_HID, "ACPI0007") Name (_UID, 17) }
    Device (\_SB.C012) { Name (_HID, "ACPI0007") Name (_UID, 18) }
    Device (\_SB.C013) { Name (_HID, "ACPI0007") Name (_UID, 19) }
    Device (\_SB.C014) { Name (_HID, "ACPI0007") Name (_UID, 20) }
    Device (\_SB.C015) { Name (_HID, "ACPI0007") Name (_UID, 21) }
    Device (\_SB.C016) { Name (_HID, "ACPI0007") Name (_UID, 22) }
    Device (\_SB.C017) { Name (_HID, "ACPI0007") Name (_UID, 23) }
    Device (\_SB.C018) { Name (_HID, "ACPI0007") Name (_UID, 24) }
    Device (\_SB.C019) { Name (_HID, "ACPI0007") Name (_UID, 25) }
    Device (\_SB.C01A) { Name (_HID, "ACPI0007") Name (_UID, 26) }
    Device (\_SB.C01B) { Name (_HID, "ACPI0007") Name (_UID, 27) }
    Device (\_SB.C01C) { Name (_HID, "ACPI0007") Name (_UID, 28) }
    Device (\_SB.C01D) { Name (_HID, "ACPI0007") Name (_UID, 29) }
    Device (\_SB.C01E) { Name (_HID, "ACPI0007") Name (_UID, 30) }
    Device (\_SB.C01F) { Name (_HID, "ACPI0007") Name (_UID, 31) }
    Device (\_SB.C020) { Name (_HID, "ACPI0007") Name (_UID, 32) }
    Device (\_SB.C021) { Name (_HID, "ACPI0007") Name (_UID, 33) }
    Device (\_SB.C022) { Name (_HID, "ACPI0007") Name (_UID, 34) }
    Device (\_SB.C023) { Name (_HID, "ACPI0007") Name (_UID, 35) }
    Device (\_SB.C024) { Name (_HID, "ACPI0007") Name (_UID, 36) }
    Device (\_SB.C025) { Name (_HID, "ACPI0007") Name (_UID, 37) }
    Device (\_SB.C026) { Name (_HID, "ACPI0007") Name (_UID, 38) }
    Device (\_SB.C027) { Name (_HID, "ACPI0007") Name (_UID, 39) }
    Device (\_SB.C028) { Name (_HID, "ACPI0007") Name (_UID, 40) }
    Device (\_SB.C029) { Name (_HID, "ACPI0007") Name (_UID, 41) }
    Device (\_SB.C02A) { Name (_HID, "ACPI0007") Name (_UID, 42) }
    Device (\_SB.C02B) { Name (_HID, "ACPI0007") Name (_UID, 43) }
    Device (\_SB.C02C) { Name (_HID, "ACPI0007") Name (_UID, 44) }
    Device (\_SB.C02D) { Name (_HID, "ACPI0007") Name (_UID, 45) }
    Device (\_SB.C02E) { Name (_HID, "ACPI0007") Name (_UID, 46) }
    Device (\_SB.C02F) { Name (_HID, "ACPI0007") Name (_UID, 47) }
    Device (\_SB.C030) { Name (_HID, "ACPI0007") Name (_UID, 48) }
    Device (\_SB.C031) { Name (_HID, "ACPI0007") Name (_UID, 49) }
    Device (\_SB.C032) { Name (_HID, "ACPI0007") Name (_UID, 50) }
    Device (\_SB.C033) { Name (_HID, "ACPI0007") Name (_UID, 51) }
    Device (\_SB.C034) { Name (_HID, "ACPI0007") Name (_UID, 52) }
    Device (\_SB.C035) { Name (_HID, "ACPI0007") Name (_UID, 53) }
    Device (\_SB.C036) { Name (_HID, "ACPI0007") Name (_UID, 54) }
    Device (\_SB.C037) { Name (_HID, "ACPI0007") Name (_UID, 55) }
    Device (\_SB.C038) { Name (_HID, "ACPI0007") Name (_UID, 56) }
    Device (\_SB.C039) { Name (_HID, "ACPI0007") Name (_UID, 57) }
    Device (\_SB.C03A) { Name (_HID, "ACPI0007") Name (_UID, 58) }
    Device (\_SB.C03B) { Name (_HID, "ACPI0007") Name (_UID, 59) }
    Device (\_SB.C03C) { Name (_HID, "ACPI0007") Name (_UID, 60) }
    Device (\_SB.C03D) { Name (_HID, "ACPI0007") Name (_UID, 61) }
    Device (\_SB.C03E) { Name (_HID, "ACPI0007") Name (_UID, 62) }
    Device (\_SB.C03F) { Name (_HID, "ACPI0007") Name (_UID, 63) }
    Device (\_SB.C040) { Name (_HID, "ACPI0007") Name (_UID, 64) }
    Device (\_SB.C041) { Name (_HID, "ACPI0007") Name (_UID, 65) }
    Device (\_SB.C042) { Name (_HID, "ACPI0007") Name (_UID, 66) }
    Device (\_SB.C043) { Name (_HID, "ACPI0007") Name (_UID, 67) }
    Device (\_SB.C044) { Name (_HID, "ACPI0007") Name (_UID, 68) }
    Device (\_SB.C045) { Name (_HID, "ACPI0007") Name (_UID, 69) }
    Device (\_SB.C046) { Name (_HID, "ACPI0007") Name (_UID, 70) }
    Device (\_SB.C047) { Name (_HID, "ACPI0007") Name (_UID, 71) }
    Device (\_SB.C048) { Name (_HID, "ACPI0007") Name (_UID, 72) }
    Device (\_SB.C049) { Name (_HID, "ACPI0007") Name (_UID, 73) }
    Device (\_SB.C04A) { Name (_HID, "ACPI0007") Name (_UID, 74) }
    Device (\_SB.C04B) { Name (_HID, "ACPI0007") Name (_UID, 75) }
    Device (\_SB.C04C) { Name (_HID, "ACPI0007") Name (_UID, 76) }
    Device (\_SB.C04D) { Name (_HID, "ACPI0007") Name (_UID, 77) }
    Device (\_SB.C04E) { Name (_HID, "ACPI0007") Name (_UID, 78) }
    Device (\_SB.C04F) { Name (_HID, "ACPI0007") Name (_UID, 79) }
    Device (\_SB.C050) { Name (_HID, "ACPI0007") Name (_UID, 80) }
    Device (\_SB.C051) { Name (_HID, "ACPI0007") Name (_UID, 81) }
    Device (\_SB.C052) { Name (_HID, "ACPI0007") Name (_UID, 82) }
    Device (\_SB.C053) { Name (_HID, "ACPI0007") Name (_UID, 83) }
    Device (\_SB.C054) { Name (_HID, "ACPI0007") Name (_UID, 84) }
    Device (\_SB.C055) { Name (_HID, "ACPI0007") Name (_UID, 85) }
    Device (\_SB.C056) { Name (_HID, "ACPI0007") Name (_UID, 86) }
    Device (\_SB.C057) { Name (_HID, "ACPI0007") Name (_UID, 87) }
    Device (\_SB.C058) { Name (_HID, "ACPI0007") Name (_UID, 88) }
    Device (\_SB.C059) { Name (_HID, "ACPI0007") Name (_UID, 89) }
    Device (\_SB.C05A) { Name (_HID, "ACPI0007") Name (_UID, 90) }
    Device (\_SB.C05B) { Name (_HID, "ACPI0007") Name (_UID, 91) }
    Device (\_SB.C05C) { Name (_HID, "ACPI0007") Name (_UID, 92) }
    Device (\_SB.C05D) { Name (_HID, "ACPI0007") Name (_UID, 93) }
    Device (\_SB.C05E) { Name (_HID, "ACPI0007") Name (_UID, 94) }
    Device (\_SB.C05F) { Name (_HID, "ACPI0007") Name (_UID, 95) }
    Device (\_SB.C060) { Name (_HID, "ACPI0007") Name (_UID, 96) }
    Device (\_SB.C061) { Name (_HID, "ACPI0007") Name (_UID, 97) }
    Device (\_SB.C062) { Name (_HID, "ACPI0007") Name (_UID, 98) }
    Device (\_SB.C063) { Name (_HID, "ACPI0007") Name (_UID, 99) }
    Device (\_SB.C064) { Name (_HID, "ACPI0007") Name (_UID, 100) }
    Device (\_SB.C065) { Name (_HID, "ACPI0007") Name (_UID, 101) }
    Device (\_SB.C066) { Name (_HID, "ACPI0007") Name (_UID, 102) }
    Device (\_SB.C067) { Name (_HID, "ACPI0007") Name (_UID, 103) }
    Device (\_SB.C068) { Name (_HID, "ACPI0007") Name (_UID, 104) }
    Device (\_SB.C069) { Name (_HID, "ACPI0007") Name (_UID, 105) }
    Device (\_SB.C06A) { Name (_HID, "ACPI0007") Name (_UID, 106) }
    Device (\_SB.C06B) { Name (_HID, "ACPI0007") Name (_UID, 107) }
    Device (\_SB.C06C) { Name (_HID, "ACPI0007") Name (_UID, 108) }
    Device (\_SB.C06D) { Name (_HID, "ACPI0007") Name (_UID, 109) }
    Device (\_SB.C06E) { Name (_HID, "ACPI0007") Name (_UID, 110) }
    Device (\_SB.C06F) { Name (_HID, "ACPI0007") Name (_UID, 111) }
    Device (\_SB.C070) { Name (_HID, "ACPI0007") Name (_UID, 112) }
    Device (\_SB.C071) { Name (_HID, "ACPI0007") Name (_UID, 113) }
    Device (\_SB.C072) { Name (_HID, "ACPI0007") Name (_UID, 114) }
    Device (\_SB.C073) { Name (_HID, "ACPI0007") Name (_UID, 115) }
    Device (\_SB.C074) { Name (_HID, "ACPI0007") Name (_UID, 116) }
    Device (\_SB.C075) { Name (_HID, "ACPI0007") Name (_UID, 117) }
    Device (\_SB.C076) { Name (_HID, "ACPI0007") Name (_UID, 118) }
    Device (\_SB.C077) { Name (_HID, "ACPI0007") Name (_UID, 119) }
    Device (\_SB.C078) { Name (_HID, "ACPI0007") Name (_UID, 120) }
    Device (\_SB.C079) { Name (_HID, "ACPI0007") Name (_UID, 121) }
    Device (\_SB.C07A) { Name (_HID, "ACPI0007") Name (_UID, 122) }
    Device (\_SB.C07B) { Name (_HID, "ACPI0007") Name (_UID, 123) }
    Device (\_SB.C07C) { Name (_HID, "ACPI0007") Name (_UID, 124) }
    Device (\_SB.C07D) { Name (_HID, "ACPI0007") Name (_UID, 125) }
    Device (\_SB.C07E) { Name (_HID, "ACPI0007") Name (_UID, 126) }
    Device (\_SB.C07F) { Name (_HID, "ACPI0007") Name (_UID, 127) }
}
