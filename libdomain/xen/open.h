// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/xen/guest_ring.h"
#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"
#include "libdomain/xen/store_watch.h"

#include <memory>

namespace pvh::xen {

/// What one thread needs of Xen. Sessions share nothing.
struct Session {
    std::unique_ptr<Hypervisor> hypervisor;
    std::unique_ptr<Store> store;
};

/// Throws one clear Error, with a hint, if there is no Xen, no xenstored, no permission, or Xen is
/// of another version than the libraries.
Session open_session();

/// A connection to xenstored of its own, for watches.
std::unique_ptr<StoreWatch> open_store_watch();

/// Throws as open_session() does.
std::unique_ptr<GuestRings> open_guest_rings();

} // namespace pvh::xen
