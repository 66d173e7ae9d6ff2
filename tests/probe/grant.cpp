// SPDX-License-Identifier: LGPL-2.1-or-later
// The grant table: the two entries that the builder seeds, and entries of one's own.
#include "tests/probe/checks.h"
#include "tests/probe/events.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

constexpr u32 kOwnEntry = GNTTAB_NR_RESERVED_ENTRIES; // the first that is the guest's

alignas(kPage) u8 granted_page[kPage];
alignas(kPage) u8 copy_page[kPage];

volatile grant_entry_v1& entry(u32 ref) {
    return (&at<volatile grant_entry_v1>(kGrantTableGfn * kPage))[ref];
}

u32 own_domid() {
    return xen_leaf(4).ecx;
}

constexpr u8 pattern(u64 i) {
    return static_cast<u8>(3 + i * 7);
}

bool has_pattern(const u8* page) {
    for (u64 i = 0; i < kPage; ++i)
        if (page[i] != pattern(i)) return false;
    return true;
}

void check_size() {
    gnttab_query_size query{};
    query.dom = DOMID_SELF;
    const i64 error =
        hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, address_of(&query), 1);
    check("grant.size", error == 0 && query.status == GNTST_okay && query.nr_frames >= 1,
          query.nr_frames, " frames of ", query.max_nr_frames, ", status ", query.status);
}

/// A backend that has the page mapped shows as reading and writing.
void check_seed(ClauseId clause, u32 ref, unsigned param) {
    const u16 flags = entry(ref).flags;
    const u16 domain = entry(ref).domid;
    const u32 frame = entry(ref).frame;
    const u64 gfn = hvm_param(param).value;
    constexpr unsigned kInUse = GTF_reading | GTF_writing;
    check(clause, (flags & ~kInUse) == GTF_permit_access && domain == 0 && frame == gfn,
          "flags=", hex(flags), " domid=", domain, " frame=", hex(frame), " of ", hex(gfn));
}

void grant_to_self() {
    for (u64 i = 0; i < kPage; ++i)
        granted_page[i] = pattern(i);
    entry(kOwnEntry).domid = static_cast<domid_t>(own_domid());
    entry(kOwnEntry).frame = static_cast<u32>(address_of(granted_page) / kPage);
    barrier(); // the grant holds from the moment its flags say so
    entry(kOwnEntry).flags = GTF_permit_access;
}

void check_copy() {
    gnttab_copy copy{};
    copy.source.u.ref = kOwnEntry;
    copy.source.domid = DOMID_SELF;
    copy.dest.u.gmfn = address_of(copy_page) / kPage;
    copy.dest.domid = DOMID_SELF;
    copy.len = kPage;
    copy.flags = GNTCOPY_source_gref;
    const i64 error = hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_copy, address_of(&copy), 1);
    check("grant.copy", error == 0 && copy.status == GNTST_okay && has_pattern(copy_page), "error ",
          error, ", status ", copy.status);
}

// The last use of the page: of a domain's own pages Xen knows one place each, so that mapping one
// elsewhere takes it away from where it was, for good.   [xen/arch/x86/mm/p2m.c]
void check_map() {
    gnttab_map_grant_ref map{};
    map.host_addr = kGrantMapGfn * kPage;
    map.flags = GNTMAP_host_map | GNTMAP_readonly;
    map.ref = kOwnEntry;
    map.dom = static_cast<domid_t>(own_domid()); // this call does not know DOMID_SELF
    i64 error = hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, address_of(&map), 1);
    if (error != 0 || map.status != GNTST_okay) {
        check("grant.map", false, "error ", error, ", status ", map.status);
        return;
    }
    const bool right = has_pattern(&at<const u8>(kGrantMapGfn * kPage));
    gnttab_unmap_grant_ref unmap{};
    unmap.host_addr = map.host_addr;
    unmap.handle = map.handle;
    error = hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, address_of(&unmap), 1);
    check("grant.map", right && error == 0 && unmap.status == GNTST_okay,
          right ? "same bytes" : "other bytes", ", unmap error ", error, ", status ", unmap.status);
}

} // namespace

void check_grant() {
    check_size();
    if (const i64 error = map_at(kGrantTableGfn, XENMAPSPACE_grant_table, 0); error != 0) {
        check("grant.console", false, "the table cannot be mapped: error ", error);
        return;
    }
    check_seed("grant.console", GNTTAB_RESERVED_CONSOLE, HVM_PARAM_CONSOLE_PFN);
    check_seed("grant.xenstore", GNTTAB_RESERVED_XENSTORE, HVM_PARAM_STORE_PFN);
    grant_to_self();
    check_copy();
    check_map();
    entry(kOwnEntry).flags = GTF_invalid;
}

} // namespace pvh::probe
