// SPDX-License-Identifier: LGPL-2.1-or-later
// XenHypervisor: a domain's memory.
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/xen/xen_hypervisor.h"

#include <cerrno>

#include <fmt/format.h>
#include <sys/mman.h>

namespace pvh::xen {

namespace {

class XenMapping final : public ForeignMapping {
  public:
    XenMapping(xenforeignmemory_handle* fmem, void* address, std::size_t pages)
        : fmem_{fmem}, address_{address}, pages_{pages} {}

    XenMapping(const XenMapping&) = delete;
    XenMapping& operator=(const XenMapping&) = delete;

    ~XenMapping() override {
        if (xenforeignmemory_unmap(fmem_, address_, pages_) != 0)
            log::error("unmapping {} guest pages failed: errno {}", pages_, errno);
    }

    std::span<std::byte> bytes() override {
        return {static_cast<std::byte*>(address_), pages_ * kPageSize};
    }

  private:
    xenforeignmemory_handle* fmem_;
    void* address_;
    std::size_t pages_;
};

std::uint64_t mib_of(std::uint64_t pages) {
    return pages * kPageSize / kMiB;
}

} // namespace

void XenHypervisor::set_max_memory(DomId dom, std::uint64_t kib) {
    if (xc_domain_setmaxmem(xc_.get(), dom.value(), kib) != 0)
        throw_hypercall_error(fmt::format("max_mem of {} = {} KiB", dom, kib), errno);
}

void XenHypervisor::set_paging_pool(DomId dom, std::uint64_t bytes) {
    if (xc_set_paging_mempool_size(xc_.get(), dom.value(), bytes) == 0) return;
    const int err = errno;
    if (err == ENOMEM)
        throw Error{Errc::no_memory,
                    fmt::format("a paging pool of {} KiB for {}", bytes / 1024, dom), err}
            .with_hint("the host has too little free memory");
    throw_hypercall_error(fmt::format("paging pool of {} = {} bytes", dom, bytes), err);
}

namespace {

/// The same pages in extents of the next smaller order that Xen has large pages for.
std::vector<Extent> pieces_of(const Extent& extent) {
    const unsigned order = extent.order > 9 ? 9 : 0;
    const std::uint64_t count = 1ULL << (extent.order - order);
    std::vector<Extent> pieces;
    pieces.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i)
        pieces.push_back({.first = extent.first + PageCount{i << order}, .order = order});
    return pieces;
}

std::string on_node(unsigned flags) {
    const unsigned node = XENMEMF_get_node(flags);
    return node == XENMEMF_get_node(0U) ? "" : fmt::format(", all on NUMA node {}", node);
}

} // namespace

void XenHypervisor::claim_pages(DomId dom, PageCount pages) {
    if (xc_domain_claim_pages(xc_.get(), dom.value(), pages.value()) == 0) return;
    const int err = errno;
    if (err != ENOMEM)
        throw_hypercall_error(fmt::format("claim of {} pages for {}", pages.value(), dom), err);
    const HostInfo host = host_info();
    const auto free = host.free_pages.value() - host.outstanding_pages.value();
    // Rounded so that the two figures never look equal: need up, have down.
    throw Error{Errc::no_memory,
                fmt::format("the domain needs {} MiB of host memory, {} MiB are free",
                            mib_of(pages.value() + 255), mib_of(free))}
        .with_hint("lower memory=, end another domain, or give dom0 less memory");
}

void XenHypervisor::populate(DomId dom, std::span<const Extent> extents, Populate how,
                             std::optional<unsigned> node) {
    const unsigned flags = (how == Populate::on_demand ? XENMEMF_populate_on_demand : 0) |
                           (node ? XENMEMF_exact_node(*node) : 0);
    while (!extents.empty()) { // one call for each run of one order
        std::size_t run = 1;
        while (run < extents.size() && extents[run].order == extents[0].order)
            ++run;
        populate_order(dom, extents.first(run), flags);
        extents = extents.subspan(run);
    }
}

// NOLINTNEXTLINE(misc-no-recursion): twice at most, from order 18 to 9 to 0
void XenHypervisor::populate_order(DomId dom, std::span<const Extent> extents, unsigned flags) {
    std::vector<xen_pfn_t> gfns;
    gfns.reserve(extents.size());
    for (const Extent& extent : extents)
        gfns.push_back(extent.first.value());
    const int done = xc_domain_populate_physmap(xc_.get(), dom.value(), gfns.size(),
                                                extents[0].order, flags, gfns.data());
    if (done >= 0 && static_cast<std::size_t>(done) == gfns.size()) return;
    const auto wanted =
        fmt::format("populate_physmap of {}: {} extents of order {} from {}{}", dom, gfns.size(),
                    extents[0].order, extents[0].first, on_node(flags));
    if (done < 0) throw_hypercall_error(wanted, errno);
    // A short answer has no errno: Xen ran out of memory, of contiguous memory, or of the paging
    // pool.
    if (extents[0].order == 0)
        throw Error{Errc::no_memory, fmt::format("{}: Xen had memory for {} only", wanted, done)};
    // On demand no memory is taken yet: it is the pool, and a failed large entry has crashed the
    // domain.
    if ((flags & XENMEMF_populate_on_demand) != 0)
        throw Error{Errc::no_memory, fmt::format("{}: Xen could mark {} only", wanted, done)};
    for (const Extent& extent : extents.subspan(static_cast<std::size_t>(done)))
        populate_order(dom, pieces_of(extent),
                       flags); // one at a time: 1 GiB may become 262144 pages
}

void XenHypervisor::set_pod_target(DomId dom, PageCount pages) {
    if (xc_domain_set_pod_target(xc_.get(), dom.value(), pages.value(), nullptr, nullptr,
                                 nullptr) != 0)
        throw_hypercall_error(fmt::format("PoD target of {} = {} pages", dom, pages.value()),
                              errno);
}

void XenHypervisor::set_memory_map(DomId dom, std::span<const MemoryRange> map) {
    std::vector<e820entry> entries;
    entries.reserve(map.size());
    for (const MemoryRange& range : map) {
        e820entry entry{};
        entry.addr = range.address.value();
        entry.size = range.size;
        entry.type = static_cast<std::uint32_t>(range.type);
        entries.push_back(entry);
    }
    if (xc_domain_set_memory_map(xc_.get(), dom.value(), entries.data(),
                                 static_cast<std::uint32_t>(entries.size())) != 0)
        throw_hypercall_error(fmt::format("memory map of {} with {} ranges", dom, entries.size()),
                              errno);
}

void XenHypervisor::set_virtual_numa(DomId dom, const VirtualNuma& numa) {
    VirtualNuma copy = numa; // libxenctrl takes no const
    std::vector<xen_vmemrange_t> ranges;
    ranges.reserve(numa.memory.size());
    for (const NodeMemory& part : numa.memory)
        ranges.push_back({.start = part.address.value(),
                          .end = (part.address + part.size).value(),
                          .flags = 0,
                          .nid = part.node});
    if (xc_domain_setvnuma(xc_.get(), dom.value(), static_cast<std::uint32_t>(copy.pnodes.size()),
                           static_cast<std::uint32_t>(ranges.size()),
                           static_cast<std::uint32_t>(copy.vcpus.size()), ranges.data(),
                           copy.distances.data(), copy.vcpus.data(), copy.pnodes.data()) != 0)
        throw_hypercall_error(
            fmt::format("setvnumainfo of {} with {} nodes", dom, copy.pnodes.size()), errno);
}

std::unique_ptr<ForeignMapping> XenHypervisor::map(DomId dom, std::span<const Gfn> gfns) {
    std::vector<xen_pfn_t> frames;
    frames.reserve(gfns.size());
    for (const Gfn gfn : gfns)
        frames.push_back(gfn.value());
    void* address = xenforeignmemory_map(foreign_memory_.get(), dom.value(), PROT_READ | PROT_WRITE,
                                         frames.size(), frames.data(), nullptr);
    if (address == nullptr)
        throw_hypercall_error(fmt::format("mapping {} pages of {} from {}", frames.size(), dom,
                                          gfns.empty() ? Gfn{} : gfns.front()),
                              errno);
    return std::make_unique<XenMapping>(foreign_memory_.get(), address, frames.size());
}

void XenHypervisor::seed_grants(DomId dom, std::span<const SeededGrant> grants) {
    void* address = nullptr;
    auto* resource = xenforeignmemory_map_resource(
        foreign_memory_.get(), dom.value(), XENMEM_resource_grant_table,
        XENMEM_resource_grant_table_id_shared, 0, 1, &address, PROT_READ | PROT_WRITE, 0);
    if (resource == nullptr) {
        const int err = errno;
        if (err == EOPNOTSUPP)
            throw Error{Errc::unsupported, "this dom0 kernel cannot map a guest's grant table", err}
                .with_hint("Linux 4.18 or later is needed in dom0");
        throw_hypercall_error(fmt::format("mapping the grant table of {}", dom), err);
    }
    const ScopeExit unmap{
        [&]() noexcept { xenforeignmemory_unmap_resource(foreign_memory_.get(), resource); }};
    // The table starts as version 1 whatever the guest may switch to.   [xen/common/grant_table.c]
    auto* table = static_cast<grant_entry_v1_t*>(address);
    for (const SeededGrant& grant : grants) {
        grant_entry_v1_t& entry = table[grant.ref.value()];
        entry.domid = grant.backend.value();
        entry.frame = static_cast<std::uint32_t>(grant.gfn.value());
        entry.flags = GTF_permit_access; // last: it makes the entry valid
    }
}

} // namespace pvh::xen
