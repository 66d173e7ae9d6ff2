// SPDX-License-Identifier: LGPL-2.1-or-later
// GuestRings by libxengnttab and libxenevtchn.
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/core/unique_handle.h"
#include "libdomain/xen/open.h"
#include "libdomain/xen/xen_headers.h"
#include "libdomain/xen/xen_hypervisor.h"

#include <cerrno>
#include <utility>

extern "C" {
#include <xenevtchn.h>
#include <xengnttab.h>
}

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

namespace pvh::xen {

namespace {

struct EvtchnTraits {
    using type = xenevtchn_handle*;

    static constexpr type none() { return nullptr; }

    static void close(type handle) noexcept { xenevtchn_close(handle); }
};

struct GnttabTraits {
    using type = xengnttab_handle*;

    static constexpr type none() { return nullptr; }

    static void close(type handle) noexcept { xengnttab_close(handle); }
};

using EvtchnHandle = UniqueHandle<EvtchnTraits>;
using GnttabHandle = UniqueHandle<GnttabTraits>;

class GrantMapping final : public ForeignMapping {
  public:
    GrantMapping(xengnttab_handle* gnttab, void* page) : gnttab_{gnttab}, page_{page} {}

    GrantMapping(const GrantMapping&) = delete;
    GrantMapping& operator=(const GrantMapping&) = delete;

    ~GrantMapping() override {
        if (xengnttab_unmap(gnttab_, page_, 1) != 0)
            log::error("unmapping a granted page failed: errno {}", errno);
    }

    std::span<std::byte> bytes() override { return {static_cast<std::byte*>(page_), kPageSize}; }

  private:
    xengnttab_handle* gnttab_;
    void* page_;
};

class XenGuestRings final : public GuestRings {
  public:
    XenGuestRings() : evtchn_{xenevtchn_open(nullptr, 0)}, gnttab_{xengnttab_open(nullptr, 0)} {
        if (!evtchn_)
            throw Error{Errc::xen_error, "open Xen's event channels", errno}.with_hint(
                "is this dom0, and the module xen-evtchn loaded?");
        const int flags = ::fcntl(fd(), F_GETFL);
        if (flags < 0 || ::fcntl(fd(), F_SETFL, flags | O_NONBLOCK) != 0)
            throw Error{Errc::internal, "make event channels non-blocking", errno};
        if (!gnttab_) log::info("no grant device (xen-gntdev): rings are mapped as foreign pages");
    }

    std::unique_ptr<ForeignMapping> map_granted(DomId dom, GrantRef ref) override {
        if (!gnttab_) throw Error{Errc::unsupported, "this kernel has no grant device"};
        void* page = xengnttab_map_grant_ref(gnttab_.get(), dom.value(), ref.value(),
                                             PROT_READ | PROT_WRITE);
        if (page == nullptr)
            throw_hypercall_error(fmt::format("map grant {} of {}", ref.value(), dom), errno);
        return std::make_unique<GrantMapping>(gnttab_.get(), page);
    }

    Port bind(DomId dom, Port remote) override {
        const auto port = xenevtchn_bind_interdomain(evtchn_.get(), dom.value(), remote.value());
        if (port < 0) throw_hypercall_error(fmt::format("bind {} of {}", remote, dom), errno);
        return Port{static_cast<std::uint32_t>(port)};
    }

    void unbind(Port port) noexcept override {
        if (xenevtchn_unbind(evtchn_.get(), port.value()) != 0)
            log::error("unbinding an event channel failed: errno {}", errno);
    }

    void notify(Port port) override {
        if (xenevtchn_notify(evtchn_.get(), port.value()) != 0)
            throw_hypercall_error(fmt::format("notify by {}", port), errno);
    }

    [[nodiscard]] int fd() const override { return xenevtchn_fd(evtchn_.get()); }

    std::vector<Port> take_pending() override {
        std::vector<Port> ports;
        for (;;) {
            const auto port = xenevtchn_pending(evtchn_.get());
            if (port < 0 && errno == EAGAIN) return ports;
            if (port < 0) throw Error{Errc::xen_error, "read pending event channels", errno};
            ports.push_back(Port{static_cast<std::uint32_t>(port)});
        }
    }

    void unmask(Port port) override {
        if (xenevtchn_unmask(evtchn_.get(), port.value()) != 0)
            throw_hypercall_error(fmt::format("unmask {}", port), errno);
    }

  private:
    EvtchnHandle evtchn_;
    GnttabHandle gnttab_;
};

} // namespace

std::unique_ptr<GuestRings> open_guest_rings() {
    return std::make_unique<XenGuestRings>();
}

} // namespace pvh::xen
