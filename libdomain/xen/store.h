// SPDX-License-Identifier: LGPL-2.1-or-later
// XenStore, the tree that domains, backends and toolstacks share.   [xen docs/misc/xenstore.txt]
#pragma once

#include "libdomain/core/ids.h"

#include <functional>
#include <optional>
#include <span>
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

/// What becomes of one node: it is removed, or gets this value, or these permissions, or both, the
/// value first.
struct NodeChange {
    std::string path;
    std::optional<std::string> value{};
    std::optional<Permissions> permissions{};
    bool is_removed{false}; // with everything below it
    friend bool operator==(const NodeChange&, const NodeChange&) = default;
};

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

    /// All of these in this order, as the calls above do them, but without waiting for one before
    /// the next is asked for. If one fails, those behind it may have been done.
    virtual void apply(std::span<const NodeChange> changes) {
        for (const NodeChange& change : changes) {
            if (change.is_removed) remove(change.path);
            if (change.value) write(change.path, *change.value);
            if (change.permissions) set_permissions(change.path, *change.permissions);
        }
    }

    /// The values of all of these, by the same means.
    virtual std::vector<std::optional<std::string>> read_all(std::span<const std::string> paths) {
        std::vector<std::optional<std::string>> values;
        for (const std::string& path : paths)
            values.push_back(read(path));
        return values;
    }

    /// Runs `body` until its transaction commits without a conflict (bounded; then Errc::conflict).
    /// What body throws aborts the transaction and comes through. `body` sees and changes the tree
    /// through the store it is given.
    virtual void transact(const std::function<void(Store&)>& body) = 0;

    /// Makes xenstored serve the domain's ring. The grant for the ring must be seeded and the ring
    /// zero.
    virtual void introduce(DomId dom, Gfn ring, Port port) = 0;
};

} // namespace pvh::xen
