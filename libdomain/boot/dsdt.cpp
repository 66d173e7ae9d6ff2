// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/boot/dsdt.h"

#include "libdomain/boot/acpi_abi.h"
#include "libdomain/boot/compose.h"
#include "libdomain/core/error.h"
#include "libdomain/spec/domain_spec.h"

#include <array>
#include <cstdint>
#include <span>

#include <fmt/format.h>

namespace pvh::boot {

namespace {

constexpr auto kTable = std::to_array<std::uint8_t>({
#include "dsdt.inc"
});

/// Length in bytes of the term at `offset`: DeviceOp (0x5B 0x82), then PkgLength, which counts from
/// itself on. iasl's encodings of our devices fit one PkgLength byte, whose top two bits (bytes
/// that follow) are then clear. [ACPI 6.5 sections 20.2.4, 20.2.5.2]
constexpr std::size_t device_length(std::size_t offset) {
    if (kTable.at(offset) != 0x5b || kTable.at(offset + 1) != 0x82) throw "not a Device";
    if (kTable.at(offset + 2) > 0x3f) throw "a PkgLength of several bytes";
    return 2U + kTable.at(offset + 2);
}

/// Where each device ends, [0] being where the first begins. Evaluated by the compiler: an ASL file
/// that is not a run of devices does not build.
constexpr auto kEnds = [] {
    std::array<std::size_t, kMaxVcpus + 1> ends{sizeof(abi::AcpiHeader)};
    for (std::size_t i = 0; i < kMaxVcpus; ++i)
        ends.at(i + 1) = ends.at(i) + device_length(ends.at(i));
    return ends;
}();
static_assert(kEnds.back() == kTable.size(), "dsdt.asl has something behind its devices");

} // namespace

Bytes compose_dsdt(unsigned processors) {
    if (processors >= kEnds.size())
        throw Error{Errc::internal, fmt::format("DSDT for {} processors", processors)};
    const auto length = static_cast<std::uint32_t>(kEnds.at(processors));
    Bytes table;
    append_bytes(table, std::as_bytes(std::span{kTable}.first(length)));
    put(table, offsetof(abi::AcpiHeader, length), length);
    return table;
}

} // namespace pvh::boot
