// SPDX-License-Identifier: LGPL-2.1-or-later
// How a guest finds Xen and what Xen tells it: CPUID leaves, hypercalls, HVM params.
#include "tests/probe/checks.h"
#include "tests/probe/console.h"
#include "tests/probe/guest_map.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/report.h"

namespace pvh::probe {

namespace {

void check_signature() {
    const CpuidResult leaf = cpuid(xen_leaves());
    const u32 text[] = {leaf.ebx, leaf.ecx, leaf.edx};
    check("cpuid.signature",
          xen_leaves() == kXenLeaves && leaf.ebx == XEN_CPUID_SIGNATURE_EBX &&
              leaf.ecx == XEN_CPUID_SIGNATURE_ECX && leaf.edx == XEN_CPUID_SIGNATURE_EDX &&
              leaf.eax >= kXenLeaves + 2,
          Text{reinterpret_cast<const char*>(text), sizeof(text)}, " at ", hex(xen_leaves()),
          ", last leaf ", hex(leaf.eax));
}

void check_version() {
    const u32 version = xen_leaf(1).eax;
    const i64 told = hypercall(__HYPERVISOR_xen_version, XENVER_version);
    check("cpuid.version", told == version, version >> 16, ".", version & 0xffff, " by CPUID, ",
          told >> 16, ".", told & 0xffff, " by hypercall");
}

void check_vcpu_id() {
    const CpuidResult leaf = xen_leaf(4);
    check("cpuid.vcpu_id", (leaf.eax & XEN_HVM_CPUID_VCPU_ID_PRESENT) != 0 && leaf.ebx == 0,
          "features=", hex(leaf.eax), " vcpu=", leaf.ebx, " domid=", leaf.ecx);
}

void check_call(ClauseId clause, i64 told, const Line& how) {
    if (told < 0)
        check(clause, false, "error ", told, " ", how);
    else
        check(clause, (told >> 16) == (xen_leaf(1).eax >> 16), "XENVER_version=", told >> 16, ".",
              told & 0xffff, " ", how);
}

void check_features() {
    xen_feature_info info{.submap_idx = 0, .submap = 0};
    const i64 error = hypercall_on(__HYPERVISOR_xen_version, XENVER_get_features, info);
    check("hypercall.callback_vector",
          error == 0 && (info.submap >> XENFEAT_hvm_callback_vector & 1) != 0,
          "features=", hex(info.submap));
}

void check_page(ClauseId clause, unsigned index) {
    const HvmParam param = hvm_param(index);
    check(clause, param.error == 0 && param.value != 0 && param.value < kFourGiB / kPage,
          "gfn=", hex(param.value), " error ", param.error);
}

constexpr domid_t kBackend = 0; // of both rings, as nobody runs them in a domain of their own

// A backend that has not begun yet leaves its channel unbound; it is there all the same.
void check_channel(ClauseId clause, unsigned index) {
    const HvmParam param = hvm_param(index);
    evtchn_status status{};
    status.dom = DOMID_SELF;
    status.port = static_cast<u32>(param.value);
    const i64 error = hypercall_on(__HYPERVISOR_event_channel_op, EVTCHNOP_status, status);
    const bool connected = status.status == EVTCHNSTAT_interdomain;
    const domid_t peer = connected ? status.u.interdomain.dom : status.u.unbound.dom;
    check(clause,
          param.error == 0 && error == 0 && (connected || status.status == EVTCHNSTAT_unbound) &&
              peer == kBackend,
          "port=", param.value, connected ? " connected to domain " : " waits for domain ", peer);
}

void check_console_ring() {
    const HvmParam page = hvm_param(HVM_PARAM_CONSOLE_PFN);
    if (page.error != 0 || page.value == 0 || page.value >= kFourGiB / kPage) {
        skip("param.console_ring", "no ring");
        return;
    }
    const auto& ring = at<const volatile xencons_interface>(page.value * kPage);
    const u32 out = ring.out_prod - ring.out_cons;
    const u32 in = ring.in_prod - ring.in_cons;
    check("param.console_ring",
          console_began_empty() && out <= sizeof(ring.out) && in <= sizeof(ring.in), "out=", out,
          " in=", in, " written=", ring.out_prod,
          console_began_empty() ? "" : ", and it did not begin empty");
}

void check_store_ring() {
    const HvmParam page = hvm_param(HVM_PARAM_STORE_PFN);
    if (page.error != 0 || page.value == 0 || page.value >= kFourGiB / kPage) {
        skip("param.store_ring", "no ring");
        return;
    }
    const auto& ring = at<const volatile xenstore_domain_interface>(page.value * kPage);
    const u32 indices[] = {ring.req_cons, ring.req_prod, ring.rsp_cons, ring.rsp_prod};
    check("param.store_ring", (indices[0] | indices[1] | indices[2] | indices[3]) == 0, "requests ",
          indices[0], " to ", indices[1], ", answers ", indices[2], " to ", indices[3]);
}

} // namespace

void check_cpuid() {
    check_signature();
    check_version();
    const CpuidResult pages = xen_leaf(2);
    check("cpuid.msr", pages.eax >= 1 && pages.ebx != 0, "pages=", pages.eax,
          " msr=", hex(pages.ebx));
    check_vcpu_id();
    const u32 apic_id = cpuid(1).ebx >> 24;
    check("cpuid.apic_id", apic_id == 0, "id=", apic_id);
}

void check_hypercall() {
    check_call("hypercall.page", hypercall(__HYPERVISOR_xen_version, XENVER_version),
               Line{"through ", hex(address_of(hypercall_page()))});
    check_call("hypercall.direct", direct_hypercall(__HYPERVISOR_xen_version, XENVER_version),
               Line{uses_vmmcall() ? "by vmmcall" : "by vmcall"});
    check_features();
}

void check_param() {
    check_page("param.store_pfn", HVM_PARAM_STORE_PFN);
    check_channel("param.store_evtchn", HVM_PARAM_STORE_EVTCHN);
    check_page("param.console_pfn", HVM_PARAM_CONSOLE_PFN);
    check_channel("param.console_evtchn", HVM_PARAM_CONSOLE_EVTCHN);
    check_console_ring();
    check_store_ring(); // before it is used
}

} // namespace pvh::probe
