// SPDX-License-Identifier: LGPL-2.1-or-later
// The ACPI tables, followed as an operating system follows them.   [ACPI 6.5, chapter 5]
#include "tests/probe/checks.h"
#include "tests/probe/guest_map.h"
#include "tests/probe/options.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

struct [[gnu::packed]] Rsdp {
    char signature[8];
    u8 checksum;
    char oem_id[6];
    u8 revision;
    u32 rsdt;
    u32 length;
    u64 xsdt;
    u8 extended_checksum, reserved[3];
};

struct [[gnu::packed]] Header {
    char signature[4];
    u32 length;
    u8 revision, checksum;
    char oem_id[6], oem_table_id[8];
    u32 oem_revision, creator_id, creator_revision;
};

struct [[gnu::packed]] Fadt {
    Header header;
    u32 facs, dsdt;
    u8 more[112 - 44];
    u32 flags;
    u8 reset[12 + 1 + 2 + 1];
    u64 x_facs, x_dsdt;
};

struct [[gnu::packed]] Madt {
    Header header;
    u32 lapic_address, flags;
};

struct [[gnu::packed]] MadtLapic {
    u8 type, length, processor, apic_id;
    u32 flags;
};

static_assert(sizeof(Rsdp) == 36 && sizeof(Header) == 36 && sizeof(Madt) == 44);
static_assert(offsetof(Fadt, flags) == 112 && offsetof(Fadt, x_facs) == 132);

constexpr u64 kLongestTable = 1 << 20;

u8 sum(u64 address, u64 size) {
    u8 total = 0;
    for (u64 i = 0; i < size; ++i)
        total = static_cast<u8>(total + at<const u8>(address + i));
    return total;
}

bool signed_as(const char* field, const char* signature) {
    for (; *signature != '\0'; ++field, ++signature)
        if (*field != *signature) return false;
    return true;
}

/// A table at an address of another table: null if it cannot be one.
const Header* table_at(u64 address) {
    if (address == 0 || address >= kFourGiB - kLongestTable) return nullptr;
    const auto& header = at<const Header>(address);
    return header.length >= sizeof(Header) && header.length <= kLongestTable ? &header : nullptr;
}

bool is_whole(const Header* table, const char* signature) {
    return table != nullptr && signed_as(table->signature, signature) &&
           sum(address_of(table), table->length) == 0;
}

/// A RSDT or XSDT: addresses of tables, of `Address`'s size, behind the header.
template <class Address> class TableList {
  public:
    explicit TableList(const Header* header) : header_{header} {}

    [[nodiscard]] unsigned size() const {
        if (header_ == nullptr) return 0;
        return static_cast<unsigned>((header_->length - sizeof(Header)) / sizeof(Address));
    }

    [[nodiscard]] u64 operator[](unsigned i) const {
        Address address{};
        __builtin_memcpy(&address, // the entries are not aligned
                         &at<const u8>(address_of(header_ + 1) + i * sizeof(Address)),
                         sizeof(Address));
        return address;
    }

    [[nodiscard]] const Header* find(const char* signature) const {
        for (unsigned i = 0; i < size(); ++i)
            if (const Header* table = table_at((*this)[i]);
                table != nullptr && signed_as(table->signature, signature))
                return table;
        return nullptr;
    }

  private:
    const Header* header_;
};

using Xsdt = TableList<u64>;
using Rsdt = TableList<u32>;

bool check_rsdp(const Rsdp& rsdp) {
    constexpr u64 kFirstPart = 20; // what the checksum of ACPI 1.0 covers
    const u64 address = address_of(&rsdp);
    const bool right = signed_as(rsdp.signature, "RSD PTR ") && rsdp.revision == 2 &&
                       rsdp.length == sizeof(Rsdp) && sum(address, kFirstPart) == 0 &&
                       sum(address, sizeof(Rsdp)) == 0;
    check("acpi.rsdp", right, "at ", hex(address), " revision ", rsdp.revision, " sums ",
          sum(address, kFirstPart), " and ", sum(address, sizeof(Rsdp)));
    return right;
}

void check_roots(const Rsdp& rsdp) {
    const Header* xsdt = table_at(rsdp.xsdt);
    const Header* rsdt = table_at(rsdp.rsdt);
    check("acpi.xsdt", is_whole(xsdt, "XSDT"), "at ", hex(rsdp.xsdt), ", ", Xsdt{xsdt}.size(),
          " tables");
    check("acpi.rsdt", is_whole(rsdt, "RSDT") && Rsdt{rsdt}.size() == Xsdt{xsdt}.size(), "at ",
          hex(rsdp.rsdt), ", ", Rsdt{rsdt}.size(), " tables");
}

void check_sums(const Xsdt& tables) {
    for (unsigned i = 0; i < tables.size(); ++i) {
        const Header* table = table_at(tables[i]);
        if (table == nullptr)
            check("acpi.tables", false, "no table at ", hex(tables[i]));
        else
            check("acpi.tables", sum(address_of(table), table->length) == 0,
                  Text{table->signature, 4}, " at ", hex(tables[i]), " length ", table->length);
    }
}

/// Nothing is known of it without a map.
bool is_placed(const Header* table) {
    return table == nullptr || !has_map() || in_acpi_range({address_of(table), table->length});
}

void check_ranges(const Rsdp& rsdp) {
    if (!has_map()) {
        skip("acpi.ranges", "no map");
        return;
    }
    const Xsdt tables{table_at(rsdp.xsdt)};
    bool placed = is_placed(table_at(rsdp.xsdt)) && is_placed(table_at(rsdp.rsdt));
    for (unsigned i = 0; i < tables.size(); ++i)
        placed = placed && is_placed(table_at(tables[i]));
    check("acpi.ranges", placed, "XSDT, RSDT and ", tables.size(), " tables");
}

struct Apics {
    unsigned count, enabled;
    bool ids_right, only_apics;
};

Apics count_apics(const Header* madt) {
    constexpr u8 kLocalApicType = 0;
    constexpr u8 kMailboxType = 0x10; // with ap_startup = "vcpuop"
    constexpr u32 kEnabled = 1;
    Apics seen{.count = 0, .enabled = 0, .ids_right = true, .only_apics = true};
    const u64 end = address_of(madt) + madt->length;
    for (u64 entry = address_of(madt) + sizeof(Madt); entry + 2 <= end;) {
        const auto& apic = at<const MadtLapic>(entry);
        if (apic.length < 2) break;
        if (apic.type == kLocalApicType) {
            if (apic.processor != seen.count || apic.apic_id != 2 * seen.count)
                seen.ids_right = false;
            ++seen.count;
            if ((apic.flags & kEnabled) != 0) ++seen.enabled;
        } else if (apic.type != kMailboxType) {
            seen.only_apics = false;
        }
        entry += apic.length;
    }
    return seen;
}

void check_madt(const Xsdt& tables) {
    const Header* madt = tables.find("APIC");
    if (madt == nullptr) {
        check("acpi.madt", false, "there is none");
        return;
    }
    const Apics seen = count_apics(madt);
    const Option vcpus = option("probe.vcpus");
    const Option online = option("probe.online");
    const u64 count = vcpus.given ? vcpus.number() : seen.count;
    const u64 enabled = online.given ? online.number() : count;
    check("acpi.madt", seen.count > 0 && seen.count == count && seen.enabled == enabled, seen.count,
          " entries of ", count, ", ", seen.enabled, " enabled of ", enabled);
    check("acpi.madt_ids", seen.ids_right && seen.only_apics, "numbers 0 to ", seen.count - 1,
          seen.only_apics ? ", nothing else" : ", and other entries");
}

void check_facs(u64 address) {
    constexpr u64 kAlignment = 64;
    const bool right = address != 0 && address < kFourGiB && address % kAlignment == 0 &&
                       signed_as(&at<const char>(address), "FACS");
    check("acpi.facs", right, "at ", hex(address));
}

void check_fadt(const Xsdt& tables) {
    constexpr u32 kHardwareReduced = 1U << 20;
    const Header* header = tables.find("FACP");
    if (header == nullptr || header->length < sizeof(Fadt)) {
        check("acpi.fadt", false, "there is none, or a short one");
        return;
    }
    const auto& fadt = at<const Fadt>(address_of(header));
    const bool agree = (fadt.dsdt == 0 || fadt.x_dsdt == 0 || fadt.dsdt == fadt.x_dsdt) &&
                       (fadt.facs == 0 || fadt.x_facs == 0 || fadt.facs == fadt.x_facs);
    const bool reduced = (fadt.flags & kHardwareReduced) != 0;
    check("acpi.fadt", agree, "flags=", hex(fadt.flags),
          reduced ? " hardware-reduced" : " not hardware-reduced");
    const u64 facs = fadt.x_facs != 0 ? fadt.x_facs : fadt.facs;
    if (reduced && facs == 0)
        skip("acpi.facs", "hardware-reduced ACPI needs none");
    else
        check_facs(facs);
    const u64 dsdt = fadt.x_dsdt != 0 ? fadt.x_dsdt : fadt.dsdt;
    const Header* table = table_at(dsdt);
    check("acpi.dsdt", is_whole(table, "DSDT") && is_placed(table), "at ", hex(dsdt), " length ",
          table == nullptr ? 0 : table->length);
}

template <class T> T field(u64 address) { // of an entry, where nothing is aligned
    T value{};
    __builtin_memcpy(&value, &at<const u8>(address), sizeof(T));
    return value;
}

bool has_apic(const Header* madt, u32 id) {
    constexpr u8 kLocalApicType = 0;
    if (madt == nullptr) return false;
    const u64 end = address_of(madt) + madt->length;
    for (u64 entry = address_of(madt) + sizeof(Madt); entry + 2 <= end;) {
        const auto& apic = at<const MadtLapic>(entry);
        if (apic.length < 2) return false;
        if (apic.type == kLocalApicType && apic.apic_id == id) return true;
        entry += apic.length;
    }
    return false;
}

/// Of a processor by its local APIC, memory, and a processor by its x2APIC: what is enabled must be
/// there.   [ACPI 6.5 sections 5.2.16.1 to 5.2.16.3]
bool is_affinity_right(u64 entry, const Header* madt) {
    constexpr u32 kEnabled = 1;
    switch (at<const u8>(entry)) {
    case 0:
        return (field<u32>(entry + 4) & kEnabled) == 0 || has_apic(madt, field<u8>(entry + 3));
    case 1:
        return (field<u32>(entry + 28) & kEnabled) == 0 ||
               in_ram({field<u64>(entry + 8), field<u64>(entry + 16)});
    case 2:
        return (field<u32>(entry + 12) & kEnabled) == 0 || has_apic(madt, field<u32>(entry + 8));
    default:
        return true;
    }
}

void check_srat(const Xsdt& tables) {
    constexpr u64 kFirstEntry = 48;
    const Header* srat = tables.find("SRAT");
    const Header* madt = tables.find("APIC");
    if (srat == nullptr) {
        skip("acpi.srat", "there is none");
        return;
    }
    bool right = true;
    unsigned count = 0;
    const u64 end = address_of(srat) + srat->length;
    for (u64 entry = address_of(srat) + kFirstEntry; entry + 2 <= end; ++count) {
        const u8 length = at<const u8>(entry + 1);
        if (length < 2) break;
        if (!is_affinity_right(entry, madt)) right = false;
        entry += length;
    }
    check("acpi.srat", right && count > 0, count, " entries");
}

void check_slit(const Xsdt& tables) {
    constexpr u64 kCount = 36;
    constexpr u64 kMatrix = 44;
    constexpr u8 kLocalDistance = 10;
    const Header* slit = tables.find("SLIT");
    if (slit == nullptr) {
        skip("acpi.slit", "there is none");
        return;
    }
    u64 nodes = 0;
    __builtin_memcpy(&nodes, &at<const u8>(address_of(slit) + kCount), sizeof(nodes));
    bool right = nodes > 0 && nodes < 256 && slit->length == kMatrix + nodes * nodes;
    for (u64 i = 0; right && i < nodes; ++i)
        right = at<const u8>(address_of(slit) + kMatrix + i * (nodes + 1)) == kLocalDistance;
    check("acpi.slit", right, nodes, " nodes");
}

void skip_all() {
    skip("acpi.rsdp", "rsdp_paddr is 0: the domain has no ACPI tables");
}

} // namespace

void check_acpi() {
    const hvm_start_info* info = start_info();
    if (info == nullptr || info->rsdp_paddr == 0) {
        skip_all();
        return;
    }
    if (info->rsdp_paddr >= kFourGiB) {
        check("acpi.rsdp", false, "above 4 GiB at ", hex(info->rsdp_paddr));
        return;
    }
    const auto& rsdp = at<const Rsdp>(info->rsdp_paddr);
    if (!check_rsdp(rsdp)) return;
    check_roots(rsdp);
    const Xsdt tables{table_at(rsdp.xsdt)};
    check_sums(tables);
    check_ranges(rsdp);
    check_madt(tables);
    check_fadt(tables);
    check_srat(tables);
    check_slit(tables);
}

} // namespace pvh::probe
