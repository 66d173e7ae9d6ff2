// SPDX-License-Identifier: LGPL-2.1-or-later
// What a backend in user space needs of Xen: pages that guests granted, and event channels.
#pragma once

#include "libdomain/core/ids.h"
#include "libdomain/xen/hypervisor.h"

#include <memory>
#include <vector>

namespace pvh::xen {

/// Used by one thread. Methods throw Error as those of Hypervisor; ports are ours, but where said.
class GuestRings {
  public:
    GuestRings() = default;
    GuestRings(const GuestRings&) = delete;
    GuestRings& operator=(const GuestRings&) = delete;
    virtual ~GuestRings() = default;

    /// The page behind a grant, to read and write.
    virtual std::unique_ptr<ForeignMapping> map_granted(DomId dom, GrantRef ref) = 0;

    /// Our end of a channel whose other end is `remote`, a port of `dom`. It is pending at once, so
    /// that what the guest did before is looked at.
    virtual Port bind(DomId dom, Port remote) = 0;
    virtual void unbind(Port port) noexcept = 0;
    virtual void notify(Port port) = 0;

    /// Readable when take_pending() would return something. Owned by this object.
    [[nodiscard]] virtual int fd() const = 0;
    /// Never blocks. Each of these stays silent until it is unmasked.
    virtual std::vector<Port> take_pending() = 0;
    virtual void unmask(Port port) = 0;
};

} // namespace pvh::xen
