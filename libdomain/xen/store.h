// SPDX-License-Identifier: LGPL-2.1-or-later
// XenStore, the tree that domains, backends and toolstacks share.   [xen docs/misc/xenstore.txt]
#pragma once

#include "libdomain/core/ids.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::xen {

enum class Access { none, read, write, both };

struct Permission {
    DomId domain;
    Access access{};
    friend bool operator==(const Permission&, const Permission&) = default;
};

/// The first entry names the owner (who may always do all) and what everybody else may do.
using Permissions = std::vector<Permission>;

/// Paths are absolute, values are bytes. A new node inherits its parent's permissions.
/// Methods throw Errc::xenstore_error with operation, path and errno. One instance is used by one
/// thread at a time.
class Store {
  public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    virtual std::optional<std::string> read(const std::string& path) = 0;
    virtual void write(const std::string& path, std::string_view value) = 0;
    /// With everything below it; a node that is not there is no error.
    virtual void remove(const std::string& path) = 0;
    /// Names of the children; nothing if the node is not there.
    virtual std::optional<std::vector<std::string>> list(const std::string& path) = 0;
    virtual void set_permissions(const std::string& path, const Permissions& permissions) = 0;

    /// Runs `body` until its transaction commits without a conflict (bounded; then Errc::conflict).
    /// What body throws aborts the transaction and comes through. `body` sees and changes the tree
    /// through the store it is given.
    virtual void transact(const std::function<void(Store&)>& body) = 0;

    /// Makes xenstored serve the domain's ring. The grant for the ring must be seeded and the ring
    /// zero.
    virtual void introduce(DomId dom, Gfn ring, Port port) = 0;
};

} // namespace pvh::xen
