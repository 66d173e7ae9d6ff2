// SPDX-License-Identifier: LGPL-2.1-or-later
// XenHypervisor: what a core dump is made of.
#include "libdomain/core/error.h"
#include "libdomain/xen/call_buffer.h"
#include "libdomain/xen/xen_hypervisor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace pvh::xen {

namespace {

// Xen takes no more in one call.   [xen/arch/x86/domctl.c XEN_DOMCTL_getpageframeinfo3]
constexpr std::uint64_t kFramesACall = 1024;

/// In place of each frame number, what kind of page is there.
void ask_for_types(xc_interface* xc, DomId dom, const CallBuffer<xen_pfn_t>& frames,
                   std::uint64_t count) {
    xen_domctl domctl{};
    domctl.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    domctl.cmd = XEN_DOMCTL_getpageframeinfo3;
    domctl.domain = dom.value();
    domctl.u.getpageframeinfo3.num = count;
    set_xen_guest_handle_raw(domctl.u.getpageframeinfo3.array, frames.data());
    if (xc_domctl(xc, &domctl) != 0)
        throw_hypercall_error(fmt::format("getpageframeinfo of {} frames of {}", count, dom),
                              errno);
}

bool is_page(xen_pfn_t type) {
    const auto kind = type & XEN_DOMCTL_PFINFO_LTAB_MASK;
    return kind != XEN_DOMCTL_PFINFO_XTAB && kind != XEN_DOMCTL_PFINFO_XALLOC &&
           kind != XEN_DOMCTL_PFINFO_BROKEN;
}

} // namespace

bool XenHypervisor::has_frames_on_demand(DomId dom) {
    std::uint64_t total = 0;
    std::uint64_t cached = 0;
    std::uint64_t to_come = 0;
    if (xc_domain_get_pod_target(xc_.get(), dom.value(), &total, &cached, &to_come) != 0) {
        if (errno == EINVAL) return false; // of a PV domain, which cannot have any
        throw_hypercall_error(fmt::format("PoD target of {}", dom), errno);
    }
    return to_come > 0;
}

Gfn XenHypervisor::last_gfn(DomId dom) {
    xen_pfn_t last = 0;
    if (xc_domain_maximum_gpfn(xc_.get(), dom.value(), &last) < 0)
        throw_hypercall_error(fmt::format("maximum_gpfn of {}", dom), errno);
    return Gfn{last};
}

std::vector<bool> XenHypervisor::present(DomId dom, Gfn first, PageCount count) {
    std::vector<bool> present;
    present.reserve(count.value());
    const CallBuffer<xen_pfn_t> frames{xc_.get(), kFramesACall};
    while (present.size() < count.value()) {
        const std::uint64_t some = std::min(count.value() - present.size(), kFramesACall);
        for (std::uint64_t i = 0; i < some; ++i)
            frames.data()[i] = first.value() + present.size() + i;
        ask_for_types(xc_.get(), dom, frames, some);
        for (std::uint64_t i = 0; i < some; ++i)
            present.push_back(is_page(frames.data()[i]));
    }
    return present;
}

std::optional<Bytes> XenHypervisor::vcpu_context(DomId dom, unsigned vcpu) {
    vcpu_guest_context_any_t context{};
    if (xc_vcpu_getcontext(xc_.get(), dom.value(), vcpu, &context) != 0) {
        if (errno == ENODATA || errno == ENOENT) return std::nullopt;
        throw_hypercall_error(fmt::format("getvcpucontext of {} vCPU {}", dom, vcpu), errno);
    }
    Bytes bytes(sizeof(context));
    std::memcpy(bytes.data(), &context, sizeof(context));
    return bytes;
}

} // namespace pvh::xen
